"""Texts in more than one language.

Core fields (``title``, ``description``, ``keywords``) are in the definition's first language, which the language extension
names. The same texts in the other languages stand in ``cb:texts``: language -> JSON Pointer (RFC 6901) -> text, so that nothing
non-standard is put into core fields and a program can turn the whole object into the other language.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from catalog_builder.i18n import translate
from catalog_builder.stac.model import Json

LANGUAGE_OBJECTS: Mapping[str, Json] = {
    "vi": {"code": "vi", "name": "Tiếng Việt", "alternate": "Vietnamese"},
    "en": {"code": "en", "name": "English", "alternate": "English"},
}


def language_fields(languages: Iterable[str]) -> Json:
    """``language`` (of the core texts) and ``languages`` (the others, in ``cb:texts``)."""
    first, *others = languages
    fields: Json = {"language": dict(LANGUAGE_OBJECTS[first])}
    if others:
        fields["languages"] = [dict(LANGUAGE_OBJECTS[o]) for o in others]
    return fields


def translated(text: str, languages: Iterable[str]) -> dict[str, str]:
    """``text`` of the code (English, marked with ``N_``) per language."""
    return {language: translate(text, language) for language in languages}


def holder(obj: Json) -> Json:
    """Where an object keeps ``cb:texts``: the properties of an item, the top level of a collection or catalogue."""
    properties = obj.get("properties")
    return properties if isinstance(properties, dict) and obj.get("type") == "Feature" else obj


def in_language(obj: Json, language: str) -> Json:
    """``obj`` with its texts in ``language`` where it has them; the object itself is not changed."""
    texts = holder(obj).get("cb:texts", {}).get(language)
    if not texts:
        return obj
    result = copy.deepcopy(obj)
    for pointer, text in texts.items():
        set_pointer(result, pointer, text)
    return result


def get_pointer(obj: Any, pointer: str) -> Any:
    """What ``pointer`` names inside ``obj``.

    Raises:
        KeyError, IndexError, TypeError, ValueError: it names nothing.
    """
    for part in _parts(pointer):
        obj = obj[int(part)] if isinstance(obj, list) else obj[part]
    return obj


def set_pointer(obj: Any, pointer: str, value: Any) -> None:
    """Replace what ``pointer`` names inside ``obj``.

    Raises:
        KeyError, IndexError, TypeError, ValueError: it names nothing.
    """
    get_pointer(obj, pointer)
    *path, last = _parts(pointer)
    for part in path:
        obj = obj[int(part)] if isinstance(obj, list) else obj[part]
    obj[int(last) if isinstance(obj, list) else last] = value


def _parts(pointer: str) -> list[str]:
    parts = pointer.split("/")[1:]
    return [p.replace("~1", "/").replace("~0", "~") for p in parts] if "~" in pointer else parts


def escape(part: str) -> str:
    """``part`` as a reference token of a JSON Pointer."""
    return part.replace("~", "~0").replace("/", "~1")
