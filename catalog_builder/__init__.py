"""catalog-builder: archives of imagery in; COGs, a STAC catalogue and a static site out."""

__version__ = "0.2.0"
