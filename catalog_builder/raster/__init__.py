"""The raster room: a Delivery in, COGs and measured facts out. Knows GDAL; knows nothing about STAC."""
