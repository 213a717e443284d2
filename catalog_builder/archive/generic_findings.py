"""The findings of the readers that know no vendor: plain rasters, scans, and formats that must be converted first."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

CONVERT_FIRST = FindingType(
    "archive.convert-first",
    Severity.ERROR,
    N_("The file is in a format that this product cannot read: {format}."),
    N_("Convert it to GeoTIFF without loss in software that reads the format (QGIS, or gdal_translate with its driver)."),
)
REFUSED_FORMAT = FindingType(
    "archive.refused-format",
    Severity.ERROR,
    N_("The file describes an image that lies elsewhere ({format}); such files are not opened because they can read other files or hosts."),
    N_("Put the image itself into the archive, as a GeoTIFF for example."),
)
RASTER_EMPTY = FindingType(
    "archive.raster-empty",
    Severity.ERROR,
    N_("The image file is empty (0 bytes)."),
    N_("Copy it again from the delivery medium or ask the supplier for it."),
)
RASTER_NOT_RECOGNISED = FindingType(
    "archive.raster-not-recognised",
    Severity.ERROR,
    N_("The file has the name of an image but is none; its content looks like: {content}."),
    N_("A download that failed often leaves a web page under the name of the image. Fetch the file again."),
)
RASTER_UNREADABLE = FindingType(
    "archive.raster-unreadable",
    Severity.ERROR,
    N_("The image cannot be opened: {problem}."),
    N_("The file is damaged or cut short. Copy it again from the delivery medium or ask the supplier for it."),
)
RASTER_TRUNCATED = FindingType(
    "archive.raster-truncated",
    Severity.ERROR,
    N_("The image is cut short: it has {size} bytes, its pixels reach to byte {needed}."),
    N_("Copy it again from the delivery medium or ask the supplier for it."),
)
RASTER_TOO_LARGE = FindingType(
    "archive.raster-too-large",
    Severity.ERROR,
    N_("The header promises an image or block of {width} x {height} pixels; the limit is {limit}."),
    N_("A damaged or hostile header is likely. If the image is real, split it into tiles."),
)
RASTER_POINTS_OUTSIDE = FindingType(
    "archive.raster-points-outside",
    Severity.ERROR,
    N_("The image or its side file {other} refers to another file; it was not opened."),
    N_("Remove the side file if you do not need it, or write the image as one self-contained GeoTIFF."),
)
RASTER_WRONG_NAME = FindingType(
    "archive.raster-wrong-name",
    Severity.INFO,
    N_("The file is called {suffix} but its content is {format}; it is read as that."),
    N_("Nothing needs to be done; rename the file if other software stumbles over it."),
)
RASTER_PAGES = FindingType(
    "archive.raster-pages",
    Severity.INFO,
    N_("The file holds {count} images; each became a raster of the scene."),
    N_("Check that they belong to one scene; if not, split the file."),
)
NAME_DATE_AMBIGUOUS = FindingType(
    "archive.name-date-ambiguous",
    Severity.WARNING,
    N_("The file name can be read as more than one date ({dates}); none was used."),
    N_("Say in an override which of them is the date of acquisition."),
)
NAME_DATE_IMPOSSIBLE = FindingType(
    "archive.name-date-impossible",
    Severity.WARNING,
    N_("The file is named as {pattern} products are, but the date in its name does not exist; the name was not used."),
    N_("Find out where the file comes from and correct its name, or add the date in an override."),
)
TAG_DATE_NOT_ACQUISITION = FindingType(
    "archive.tag-date-not-acquisition",
    Severity.INFO,
    N_("The tag {tag} says {value}; that is when the file was made or scanned and was not used as the date of acquisition."),
    N_("If it is the date of acquisition, say so in an override."),
)
DATE_BEFORE_PLATFORM = FindingType(
    "archive.date-before-platform",
    Severity.WARNING,
    N_("The tag {tag} says {value}, but {platform} was launched in {launch}; the date was not used."),
    N_("Say in an override when the scene was taken, and who says so."),
)
NITF_CLASSIFIED = FindingType(
    "archive.nitf-classified",
    Severity.ERROR,
    N_("The NITF header marks the image as classified ({mark})."),
    N_("Take the file out of the archive, or have it declassified by whoever is responsible for it."),
)
SIDECAR_UNREADABLE = FindingType(
    "archive.sidecar-unreadable",
    Severity.WARNING,
    N_("The side file cannot be understood: {problem}. It was not used."),
    N_("Correct the file, or give the coordinate reference system or control points in an override."),
)
SIDECAR_CRS_UNKNOWN = FindingType(
    "archive.sidecar-crs-unknown",
    Severity.WARNING,
    N_("The side file names a coordinate reference system that cannot be identified: {value}."),
    N_("Give the CRS in an override, as an EPSG code or WKT."),
)
POINTS_TOO_FEW = FindingType(
    "archive.points-too-few",
    Severity.WARNING,
    N_("Only {count} control points are enabled; at least 3 are needed to rectify the scan."),
    N_("Measure more control points in QGIS and save the .points file again."),
)
POINTS_WITHOUT_CRS = FindingType(
    "archive.points-without-crs",
    Severity.WARNING,
    N_("The control points do not say in which coordinate reference system they are."),
    N_("Give the CRS in an override; QGIS 3.26 and later write it into the .points file."),
)
FRAME_DATE_UNCLEAR = FindingType(
    "archive.frame-date-unclear",
    Severity.WARNING,
    N_("The index table gives a date that is not clear: {value}."),
    N_("Write dates as YYYY-MM-DD in the index table."),
)
FRAME_TABLE_UNREADABLE = FindingType(
    "archive.frame-table-unreadable",
    Severity.WARNING,
    N_("The index table of frames cannot be read: {problem}."),
    N_("Save the table again as CSV (UTF-8) or XLSX."),
)
FRAME_TWICE = FindingType(
    "archive.frame-twice",
    Severity.WARNING,
    N_("The index table has {count} rows for this frame; the first was used."),
    N_("Keep one row per frame in the index table."),
)
