"""The findings of the raster room."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

UNREADABLE = FindingType(
    "raster.unreadable",
    Severity.ERROR,
    N_("The raster cannot be opened: {problem}."),
    N_("Copy the file again from the delivery medium; if it still fails, ask the vendor for a new copy or another format."),
)
UNREADABLE_PIXELS = FindingType(
    "raster.unreadable-pixels",
    Severity.ERROR,
    N_("The pixels cannot be read to the end: {problem}."),
    N_("The file is damaged or cut off. Copy it again from the delivery medium and compare its size with the vendor's list."),
)
TOO_LARGE = FindingType(
    "raster.too-large",
    Severity.ERROR,
    N_("The raster claims {width} x {height} pixels and {bands} bands, more than the limit of {limit}."),
    N_("If the scene really is this large, raise the limit; if the file is small, its header is wrong or hostile."),
)
DISK_SPACE = FindingType(
    "raster.disk-space",
    Severity.ERROR,
    N_("Converting may need {needed} bytes on disk; {free} are free."),
    N_("Free some space in the store or move the store to a larger disk, then build again; finished scenes are kept."),
)
NOT_WRITTEN = FindingType(
    "raster.not-written",
    Severity.ERROR,
    N_("The product could not be written: {problem}."),
    N_("Check space and rights of the store folder, then build again."),
)
WRITER_FAILED = FindingType(
    "raster.writer-failed",
    Severity.ERROR,
    N_("GDAL could not write the product: {problem}."),
    N_("Run the build again. If only this scene fails, convert it with another program first; if others fail too, check the store's disk."),
)
PIXELS_DIFFER = FindingType(
    "raster.pixels-differ",
    Severity.ERROR,
    N_("The converted pixels differ from the source ({what}); the product was thrown away."),
    N_("Please report this with the file: a lossless conversion must give the same pixels."),
)
LAYOUT = FindingType(
    "raster.layout",
    Severity.ERROR,
    N_("The converted file is not a valid Cloud-Optimized GeoTIFF: {problem}."),
    N_("Please report this with the file."),
)
BANDS_DIFFER = FindingType(
    "raster.bands-differ",
    Severity.WARNING,
    N_("Metadata describes {described} bands, the file has {found}; the band descriptions were not used."),
    N_("Check that metadata and raster belong together, or describe the bands in an override."),
)
_TILES_HINT = N_("Check that all tiles of the delivery are there and from the same product.")
TILES_UNPLACED = FindingType(
    "raster.tiles-unplaced",
    Severity.ERROR,
    N_("The scene consists of {count} tiles, but their positions are unknown."),
    _TILES_HINT,
)
TILES_DIFFER = FindingType(
    "raster.tiles-differ",
    Severity.ERROR,
    N_("The tiles of the scene have different bands, data types, nodata values or coordinate reference systems."),
    _TILES_HINT,
)
TILES_GAPS = FindingType(
    "raster.tiles-gaps",
    Severity.ERROR,
    N_("The {count} tiles of the scene overlap or leave gaps in a grid of {width} x {height} pixels."),
    _TILES_HINT,
)
TILES_MISPLACED = FindingType(
    "raster.tiles-misplaced",
    Severity.ERROR,
    N_("The georeference of the tile contradicts its place in the grid of tiles: it lies {columns} columns and {rows} rows off."),
    N_("Ask the vendor which is right, the tiling in the metadata or the coordinates in the tiles; none of them was believed."),
)
BLOCK_TOO_LARGE = FindingType(
    "raster.block-too-large",
    Severity.ERROR,
    N_("Reading a single pixel would need a block of {width} x {height} pixels ({size} bytes)."),
    N_("If the scene really is stored like this, have it converted to a tiled GeoTIFF; else its header is wrong or hostile."),
)
BAND_MASKS = FindingType(
    "raster.band-masks",
    Severity.ERROR,
    N_("The bands of the raster have different masks; a Cloud-Optimized GeoTIFF has one for all bands."),
    N_("Have the bands delivered as files of their own, or with one mask for all of them."),
)
UNSAFE_SIDECAR = FindingType(
    "raster.unsafe-sidecar",
    Severity.WARNING,
    N_("A side file was not used because it refers to other files."),
    N_("No vendor needs this. Check where the file comes from; put the right georeference into an override if it is missing now."),
)
SIDECAR_TOO_LARGE = FindingType(
    "raster.sidecar-too-large",
    Severity.WARNING,
    N_("A side file of {size} bytes was not used; files over {limit} bytes are not read."),
    N_("Check whether this really is a georeference or metadata file; if so, ask the vendor for a clean copy."),
)
SIDECAR_NOT_COPIED = FindingType(
    "raster.sidecar-not-copied",
    Severity.INFO,
    N_("The vendor file has {size} bytes, more than {limit}; it is not copied beside the products."),
    N_("The file stays in the archive."),
)
NO_VALID_PIXELS = FindingType(
    "raster.no-valid-pixels",
    Severity.WARNING,
    N_("Every pixel is nodata; the scene shows nothing."),
    N_("Check the nodata value and the delivery; withdraw the scene if it is empty."),
)
NOT_GEOREFERENCED = FindingType(
    "raster.not-georeferenced",
    Severity.ERROR,
    N_("The raster has no georeference: no map grid, no ground control points, no RPC model."),
    N_("Add a world file with its CRS, or ground control points, in an override."),
)
ONLY_CORNERS = FindingType(
    "raster.only-corners",
    Severity.WARNING,
    N_("The raster has no georeference of its own; its place is known only from the corners in the vendor's metadata."),
    N_("Add ground control points or ask the vendor for an orthorectified product."),
)
NODATA_IGNORED = FindingType(
    "raster.nodata-ignored",
    Severity.WARNING,
    N_("The nodata value {nodata} cannot occur in {data_type} pixels; it was dropped."),
    N_("Give the right nodata value in an override if the scene has one."),
)
RENDERING_UNKNOWN = FindingType(
    "raster.rendering-unknown",
    Severity.WARNING,
    N_("No rendering of the collection fits: the scene lacks the bands {bands}. A default rendering is shown."),
    N_("Check the band names of the rendering, or name the bands of the scene in an override."),
)
NO_VISUAL = FindingType(
    "raster.no-visual",
    Severity.WARNING,
    N_("The image for looking could not be made: {problem}."),
    N_("The data product is complete; please report this with the file."),
)
UNKNOWN_PRESET = FindingType(
    "raster.unknown-preset",
    Severity.ERROR,
    N_("There is no raster preset {preset}; the product knows {known}."),
    N_("Correct the preset in the collection's file."),
)
NO_DEM = FindingType(
    "raster.no-dem",
    Severity.WARNING,
    N_("The scene was projected at the constant height of its RPC model, for want of an elevation model; its place is approximate."),
    N_("Name an elevation model that covers the scene in catalog.toml ([area] dem), then build again."),
)
NO_MAP_GRID = FindingType(
    "raster.no-map-grid",
    Severity.WARNING,
    N_("{code} is no map grid to orthorectify into; the scene stays in the geometry of the sensor."),
    N_("Correct orthorectify in the collection's file; it takes the EPSG code of a projected or geographic system."),
)
NOT_ORTHORECTIFIED = FindingType(
    "raster.not-orthorectified",
    Severity.WARNING,
    N_("The scene could not be orthorectified; it is catalogued in the geometry of the sensor, with an approximate footprint."),
    N_("See the other notes of this scene for the reason; it usually lies in the RPC model or the elevation model."),
)
