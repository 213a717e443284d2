"""The normalised source: a VRT of our own making over the staged files.

GDAL describes the staged raster as VRT text; we then say in it what the delivery knows better (CRS, nodata, band names, scale)
and drop what must not reach a product (statistics of unknown age, processing hints, oversized tags). The COG driver and our own
reads both see this one dataset. Nothing from the archive is ever opened as VRT.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import rasterio.shutil
from lxml import etree

from catalog_builder.archive.delivery import Band, RasterSource
from catalog_builder.crs.parse import crs_of
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.findings import printable
from catalog_builder.raster import findings
from catalog_builder.raster.environment import open_source
from catalog_builder.raster.source import GDAL_ERRORS, Header, problem_of

MAX_TAGS = 64
MAX_TAG_LENGTH = 500
"""Tags kept per product and characters per tag."""

_KEPT_DOMAINS = ("", "RPC")
_DROPPED_TAGS = ("STATISTICS_", "OVERVIEW_RESAMPLING", "LAYOUT", "OVERVIEW_FILE", "HISTO")


def write_vrt(tiles: Sequence[Path], source: RasterSource, header: Header, bands: Sequence[Band], wkt: str | None, target: Path) -> Path:
    """Write the VRT of one source raster to ``target``; ``wkt`` replaces the CRS of the map grid or of the control points.

    Raises:
        UnreadableDelivery: GDAL cannot describe the raster.
    """
    first = source.offsets.index(min(source.offsets)) if len(tiles) > 1 else 0
    try:
        with open_source(tiles[first], source.subdataset) as dataset:
            rasterio.shutil.copy(dataset, target, driver="VRT")
    except GDAL_ERRORS as error:
        raise UnreadableDelivery(findings.UNREADABLE(source.tiles[first].name, problem=problem_of(error, tiles[first]))) from error
    root = etree.fromstring(target.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    _restrict_drivers(root, tiles[first], header.driver, source.subdataset)
    _clean_metadata(root)
    _one_dataset_mask(root, masked=header.valid_by == "mask")
    if wkt is not None:
        _set_crs(root, wkt)
    for element, band in zip(_bands(root), bands, strict=True):
        _describe_band(element, band, header)
    if len(tiles) > 1:
        _mosaic(root, tiles, source, header, first)
    target.write_bytes(etree.tostring(root, encoding="utf-8"))
    return target


def _restrict_drivers(root: etree._Element, tile: Path, driver: str, subdataset: int) -> None:
    """Open the sources (all of the one file ``tile`` so far) with the driver that recognised it and no other.

    Left to itself GDAL probes all drivers again, and a JPEG whose first bytes also read as a VRT would be opened as one, which may
    show any raster of this machine.
    """
    for name in root.iter("SourceFilename"):
        name.text, name.attrib["relativeToVRT"] = _connection(tile, driver, subdataset), "0"


def _connection(tile: Path, driver: str, subdataset: int = 0) -> str:
    """GDAL's ``vrt://`` connection string (3.8) for one file with one driver; ``sd`` counts images from 1."""
    return f"vrt://{tile.absolute()}?if={driver}" + (f"&sd={subdataset + 1}" if subdataset else "")


def _bands(root: etree._Element) -> list[etree._Element]:
    return root.findall("VRTRasterBand")


def _clean_metadata(root: etree._Element) -> None:
    for parent in (root, *_bands(root)):
        for metadata in parent.findall("Metadata"):
            if metadata.get("domain", "") not in _KEPT_DOMAINS:
                parent.remove(metadata)
                continue
            for index, item in enumerate(metadata.findall("MDI")):
                if index >= MAX_TAGS or item.get("key", "").upper().startswith(_DROPPED_TAGS):
                    metadata.remove(item)
                elif metadata.get("domain") is None:
                    item.text = printable(item.text or "", MAX_TAG_LENGTH)
        for histograms in parent.findall("Histograms"):
            parent.remove(histograms)


def _one_dataset_mask(root: etree._Element, *, masked: bool) -> None:
    """One mask of the dataset, as COGs have it; of the tiles of a mosaic the described one may be without."""
    for band in _bands(root):
        for mask in band.findall("MaskBand"):
            band.remove(mask)
    if not masked or root.find("MaskBand") is not None:
        return
    of_pixels = _bands(root)[0].find("SimpleSource")
    assert of_pixels is not None  # GDAL wrote it a moment ago: every band of a copied dataset has one source
    source = deepcopy(of_pixels)
    for number in source.iter("SourceBand"):
        number.text = "mask,1"
    etree.SubElement(etree.SubElement(root, "MaskBand"), "VRTRasterBand", dataType="Byte").append(source)


def _set_crs(root: etree._Element, wkt: str) -> None:
    gcps = root.find("GCPList")
    if gcps is not None and root.find("GeoTransform") is None:
        gcps.set("Projection", wkt)
        gcps.set("dataAxisToSRSAxisMapping", _axis_mapping(wkt))
        return
    srs = root.find("SRS")
    if srs is None:
        srs = etree.Element("SRS")
        root.insert(0, srs)
    srs.text = wkt
    if "coordinateEpoch" in srs.attrib:
        del srs.attrib["coordinateEpoch"]
    srs.set("dataAxisToSRSAxisMapping", _axis_mapping(wkt))


def _axis_mapping(wkt: str) -> str:
    """GIS order (easting or longitude first) as an axis mapping: "2,1" where the CRS itself has northing or latitude first."""
    first = crs_of(wkt).axis_info
    return "2,1" if first and first[0].direction in ("north", "south") else "1,2"


def _describe_band(element: etree._Element, band: Band, header: Header) -> None:
    for tag in ("NoDataValue", "Description", "UnitType", "Offset", "Scale"):
        for old in element.findall(tag):
            element.remove(old)
    values: list[tuple[str, str | None]] = [
        ("NoDataValue", None if header.nodata is None else repr(float(header.nodata))),
        ("Description", band.description or band.name),
        ("UnitType", band.unit),
        ("Offset", None if band.offset is None else repr(band.offset)),
        ("Scale", None if band.scale is None else repr(band.scale)),
    ]
    for position, (tag, text) in enumerate((t, v) for t, v in values if v is not None):
        child = etree.Element(tag)
        child.text = text
        element.insert(position, child)


def _mosaic(root: etree._Element, tiles: Sequence[Path], source: RasterSource, header: Header, first: int) -> None:
    root.set("rasterXSize", str(header.width))
    root.set("rasterYSize", str(header.height))
    parents = [*_bands(root), *(root.iterfind("MaskBand/VRTRasterBand"))]
    for parent in parents:
        pattern = parent.find("SimpleSource")
        assert pattern is not None  # GDAL wrote it a moment ago: every band of a copied dataset has one source
        parent.remove(pattern)
        for tile, (row, column) in zip(tiles, source.offsets, strict=True):
            parent.append(_placed(pattern, tile, row, column, header.driver))


def _placed(pattern: etree._Element, tile: Path, row: int, column: int, driver: str) -> etree._Element:
    with open_source(tile) as dataset:
        width, height = dataset.width, dataset.height
    element = etree.fromstring(etree.tostring(pattern))
    properties = element.find("SourceProperties")
    if properties is not None:
        element.remove(properties)
    name = element.find("SourceFilename")
    assert name is not None
    name.text = _connection(tile, driver)
    for tag, x, y in (("SrcRect", 0, 0), ("DstRect", column, row)):
        rect = element.find(tag)
        assert rect is not None
        for key, value in (("xOff", x), ("yOff", y), ("xSize", width), ("ySize", height)):
            rect.set(key, str(value))
    return element
