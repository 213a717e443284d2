"""Jinja2 environments: one per language, because the compiler folds constant filters into the cached template."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from catalog_builder.i18n import translations
from catalog_builder.resources import templates_dir
from catalog_builder.site.wording import Wording


@cache
def environment(language: str) -> Environment:
    """The environment of ``language``. Everything is escaped unless it is Markup; an unknown name is an error, not a gap."""
    made = Environment(
        loader=FileSystemLoader(templates_dir() / "site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["say"] = Wording(language)
    return made
