"""The site room: from a release to the pages people read. It knows STAC JSON and nothing of archives, vendors or GDAL."""

from catalog_builder.site.render import problems, render

__all__ = ["problems", "render"]
