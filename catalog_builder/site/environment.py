"""Jinja2 environments: one per language, because templates are compiled with their texts in it."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup

from catalog_builder.resources import templates_dir
from catalog_builder.site.compiling import PageEnvironment, escaped
from catalog_builder.site.wording import Wording

PARTS = "_parts.html.j2"
"""Macros of many pages, which every template has as ``parts``."""

MAP = "_map.html.j2"
"""Parts of maps that many pages share: ``drawn(part, …)`` fills them once."""

_JOINTS = re.compile(r"(?<=[_./-])(?=[^_./-])")


@cache
def environment(language: str) -> PageEnvironment:
    """The environment of ``language``. Everything is escaped unless it is Markup; an unknown name is an error, not a gap."""
    made = PageEnvironment(
        loader=FileSystemLoader(templates_dir() / "site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.language = language
    made.globals["say"] = Wording(language)
    made.globals["drawn"] = lru_cache(maxsize=256)(lambda part, *views: getattr(made.get_template(MAP).module, part)(*views))
    made.filters["breakable"] = breakable
    made.globals["parts"] = made.get_template(PARTS).module
    return made


@lru_cache(maxsize=65536)
def breakable(text: str) -> Markup:
    """``text`` that may break after the joints of long codes."""
    return Markup(_JOINTS.sub("<wbr>", escaped(text)))
