"""Findings of the formats of public missions."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

BAND_EMPTY = FindingType(
    "archive.band-empty",
    Severity.WARNING,
    N_("The image file is empty (0 bytes); the scene is catalogued without it."),
    N_("The download or copy stopped early. Fetch this file again and put it in the same place."),
)
BAND_NOT_AN_IMAGE = FindingType(
    "archive.band-not-an-image",
    Severity.WARNING,
    N_("The file has the name of an image but is none; the scene is catalogued without it."),
    N_("A placeholder or an error page may have been saved under this name. Fetch the file again."),
)
BAND_UNREADABLE = FindingType(
    "archive.band-unreadable",
    Severity.WARNING,
    N_("The image cannot be used ({problem}); the scene is catalogued without it."),
    N_("Copy the file again from the delivery medium or download it once more."),
)
BAND_CONVERT = FindingType(
    "archive.band-convert",
    Severity.WARNING,
    N_("The pixels are in {format}, which this product cannot read; the scene is catalogued without them."),
    N_("Convert the file to GeoTIFF without loss (the vendor's toolbox or gdal_translate with that driver) and put the result beside it."),
)
BAND_PLACEHOLDER = FindingType(
    "archive.band-placeholder",
    Severity.WARNING,
    N_("The image has no place on the ground and {width} x {height} pixels, which is not the size of the tile; it was left out."),
    N_("A placeholder or a picture made from the band stands in its place. Fetch the original band."),
)
BANDS_MISSING = FindingType(
    "archive.bands-missing",
    Severity.INFO,
    N_("The metadata lists {listed} images, {missing} of them are not in the delivery: {example} ..."),
    N_("Nothing needs to be done when only some bands were wanted; otherwise download the rest."),
)
COPY_UNREADABLE = FindingType(
    "archive.metadata-copy-unreadable",
    Severity.WARNING,
    N_("One of several copies of the metadata cannot be read; the others were used."),
    N_("Copy the file again if you want the delivery to be complete."),
)
BANDS_DIFFER = FindingType(
    "archive.bands-differ",
    Severity.WARNING,
    N_("The metadata describes {described} bands of this image, the file has {present}; its bands are left without a description."),
    N_("The file was probably made from the delivery by other software. Keep the original bands where you have them."),
)
PART_UNREADABLE = FindingType(
    "archive.metadata-part-unreadable",
    Severity.WARNING,
    N_("This part of the metadata cannot be read; the scene is catalogued without what it says."),
    N_("Copy the file again from the delivery medium or download it once more."),
)
