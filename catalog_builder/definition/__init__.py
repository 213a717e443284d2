"""The catalogue definition: policy as data, read and checked as a whole before anything else happens."""

from __future__ import annotations

from catalog_builder.definition.load import load_definition
from catalog_builder.definition.model import Access, Definition, localised

__all__ = ["Access", "Definition", "load_definition", "localised"]
