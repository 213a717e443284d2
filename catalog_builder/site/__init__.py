"""The site room: from a release to the pages people read. It knows STAC JSON and nothing of archives, vendors or GDAL."""

from catalog_builder.site.ahead import made_ahead
from catalog_builder.site.render import problems, render

__all__ = ["made_ahead", "problems", "render"]
