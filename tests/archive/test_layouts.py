"""Deliveries laid out as vendors ship them, with the metadata of the real samples: what lies in many folders becomes one scene."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from catalog_builder.archive.delivery import Delivery, FileRole
from catalog_builder.archive.scan import scan
from catalog_builder.facts import Field
from catalog_builder.progress import Progress
from catalog_builder.workers import LocalWorkers

pytestmark = pytest.mark.shared


def tiff(
    path: Path, *, bands: int = 1, size: int = 20, corner: tuple[float, float] = (720_000, 2_325_000), pixel: float = 6.0, seed: int = 1
) -> Path:
    """A small GeoTIFF in UTM 48N."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = np.random.default_rng(seed).integers(1, 900, (bands, size, size)).astype("uint16")
    profile = {"driver": "GTiff", "count": bands, "height": size, "width": size, "dtype": "uint16", "crs": "EPSG:32648"}
    with rasterio.open(path, "w", transform=from_origin(*corner, pixel, pixel), **profile) as target:
        target.write(data)
    return path


def text(path: Path, content: str = "accompanying file\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def scanned(archive: Path) -> list[Delivery]:
    with LocalWorkers(1) as workers:
        result = scan([archive], archive.parent / "work", (), workers, Progress(quiet=True))
    assert result.duplicates == ()
    return list(result.deliveries)


def only(archive: Path) -> Delivery:
    deliveries = scanned(archive)
    assert len(deliveries) == 1, [(d.id, d.format, len(d.files)) for d in deliveries]
    return deliveries[0]


def names(files: Iterable[object]) -> set[str]:
    return {getattr(f, "basename", "") for f in files}


def test_landsat_zipped_with_its_folder(shared: Path, tmp_path: Path) -> None:
    """Portals zip the folder of a scene; people zip it again by hand."""
    source = shared / "data" / "vendor" / "landsat8_c2l2_008059"
    scene = "LC08_L2SP_008059_20191201_20200825_02_T1"
    (tmp_path / "a").mkdir()
    with zipfile.ZipFile(tmp_path / "a" / f"{scene}.zip", "w") as archive:
        for file in sorted(p for p in source.iterdir() if p.is_file()):
            archive.write(file, f"{scene}/{file.name}")
    delivery = only(tmp_path / "a")
    assert (delivery.format, delivery.facts.get(Field.PLATFORM)) == ("landsat-mtl", "Landsat-8")
    assert len(delivery.rasters) == len([p for p in source.iterdir() if p.suffix.lower() == ".tif"])


def spot(shared: Path, target: Path, spectral: str, bands: int, pixel: float) -> None:
    """One image folder of a SPOT 7 product with two tiles side by side."""
    source = next((shared / "data" / "derived" / "dimap2_spot7").rglob("DIM_*.XML"))
    document = source.read_text(encoding="utf-8")
    stem = source.stem.removeprefix("DIM_").replace("_MS_", f"_{spectral}_")
    document = document.replace("SPOT7_MS_", f"SPOT7_{spectral}_").replace("<SPECTRAL_PROCESSING>MS<", f"<SPECTRAL_PROCESSING>{spectral}<")
    document = (
        document.replace('nrows="300" ncols="300"', 'nrows="20" ncols="20"')
        .replace("<NCOLS>300<", "<NCOLS>40<")
        .replace("<NROWS>300<", "<NROWS>20<")
    )
    first = f'<Data_File tile_R="1" tile_C="1"><DATA_FILE_PATH href="IMG_{stem}_R1C1.TIF"/></Data_File>'
    assert f'href="IMG_{stem}_R1C1.TIF"' in document
    start, end = document.index("<Data_Files>"), document.index("</Data_Files>")
    document = (
        document[:start] + "<Data_Files>" + first + first.replace('tile_C="1"', 'tile_C="2"').replace("R1C1", "R1C2") + document[end:]
    )
    text(target / f"DIM_{stem}.XML", document)
    for column in (1, 2):
        place = (720_000 + (column - 1) * 20 * pixel, 2_325_000.0)
        tiff(target / f"IMG_{stem}_R1C{column}.TIF", bands=bands, pixel=pixel, corner=place, seed=bands + column)
    text(target / f"RPC_{stem}.XML", "<Dimap_Document/>")
    text(target / "LIBRARY" / "DIM_STYL.XSL", "<x/>")
    text(target / "MASKS" / f"CLD_{stem}_MSK.GML", "<gml/>")


def test_spot_bundle_in_volume_and_image_folders(shared: Path, tmp_path: Path) -> None:
    """PROD_/VOL_/IMG_ folders: panchromatic and multispectral are two assets of one scene, tiles parts of one raster."""
    volume = tmp_path / "a" / "PROD_SPOT7_001" / "VOL_SPOT7_001_A"
    spot(shared, volume / "IMG_SPOT7_MS_001_A", "MS", 4, 6.0)
    spot(shared, volume / "IMG_SPOT7_P_001_A", "P", 1, 1.5)
    components = "".join(
        f'<Component><COMPONENT_PATH href="{p.relative_to(volume).as_posix()}"/></Component>' for p in sorted(volume.rglob("DIM_*.XML"))
    )
    head = "<Metadata_Identification><METADATA_FORMAT version='2.0'>DIMAP</METADATA_FORMAT><METADATA_PROFILE>VOLUME</METADATA_PROFILE>"
    text(
        volume / "VOL_SPOT7_001_A.XML",
        f"<Dimap_Document>{head}</Metadata_Identification><Dataset_Content><Dataset_Components>{components}</Dataset_Components>"
        "</Dataset_Content></Dimap_Document>",
    )
    text(volume / "INDEX.HTM", "<html/>")
    delivery = only(tmp_path / "a")
    assert {len(r.tiles) for r in delivery.rasters} == {2} and len(delivery.rasters) == 2
    assert {r.offsets for r in delivery.rasters} == {((0, 0), (0, 20))}
    assert {Path(r.tiles[0].name).parent.name for r in delivery.rasters} == {"IMG_SPOT7_MS_001_A", "IMG_SPOT7_P_001_A"}
    assert len(delivery.with_role(FileRole.MASK)) == 2 and len(delivery.with_role(FileRole.RPC)) == 2


def test_worldview_order_with_tiles_and_gis_files(shared: Path, tmp_path: Path) -> None:
    """Order folder, part folders P001_MUL and P001_PAN, a tile index with R#C# tiles, shapes beside them."""
    sample = next((shared / "data" / "vendor" / "dg_imd_rpb").glob("*.[iI][mM][dD]")).read_text(encoding="utf-8")
    order = tmp_path / "a" / "052800123010_01"
    for part, bands, pixel, tiles in (("MUL", 4, 2.0, ("R1C1",)), ("PAN", 1, 0.5, ("R1C1", "R1C2"))):
        stem = f"16JUN17031234-{part[0]}2AS-052800123010_01_P001"
        folder = order / f"052800123010_01_P001_{part}"
        text(folder / f"{stem}.IMD", sample.replace('bandId = "P"', f'bandId = "{"Multi" if bands > 1 else "P"}"'))
        index = [f"numTiles = {len(tiles)};", "tileSizeX = 20;", "tileSizeY = 20;", 'tileUnits = "Pixels";', "tileOverlap = 0;"]
        for number, tile in enumerate(tiles):
            left = 20 * number
            index += [f"BEGIN_GROUP = TILE_{number + 1}", f'\tfilename = "{tile_name(stem, tile)}";']
            index += [f"\tULColOffset = {left};", "\tULRowOffset = 0;", f"\tLRColOffset = {left + 19};", "\tLRRowOffset = 19;"]
            index.append(f"END_GROUP = TILE_{number + 1}")
            tiff(folder / tile_name(stem, tile), bands=bands, pixel=pixel, corner=(720_000 + left * pixel, 2_325_000), seed=bands + number)
        text(folder / f"{stem}.TIL", "\n".join([*index, "END;"]) + "\n")
        text(folder / f"{stem}_README.TXT")
        text(folder / f"{stem}-BROWSE.JPG", "no picture")
    text(order / "GIS_FILES" / "052800123010_01_ORDER_SHAPE.shp", "shape")
    text(order / "052800123010_01_README.TXT")
    delivery = only(tmp_path / "a")
    assert sorted(len(r.tiles) for r in delivery.rasters) == [1, 2]
    (pan,) = [r for r in delivery.rasters if len(r.tiles) == 2]
    assert pan.offsets == ((0, 0), (0, 20))


def tile_name(stem: str, tile: str) -> str:
    """``16JUN17031234-P2AS_R1C1-052800123010_01_P001.TIF``: the tile stands in the middle of the name."""
    head, middle, rest = stem.split("-", 2)
    return f"{head}-{middle}_{tile}-{rest}.TIF"


def test_planetscope_order(shared: Path, tmp_path: Path) -> None:
    """An order of the Orders API: PSScene/ with a usable data mask beside the image and a manifest above."""
    source = shared / "data" / "vendor" / "planet_psscene_harvey"
    folder = tmp_path / "a" / "harvey_psscene_analytic_udm2" / "PSScene"
    folder.mkdir(parents=True)
    for file in source.iterdir():
        shutil.copyfile(file, folder / file.name)
    (image,) = folder.glob("*_3B_AnalyticMS.tif")
    stem = image.name.removesuffix("_3B_AnalyticMS.tif")
    tiff(folder / f"{stem}_3B_udm2.tif", bands=8)
    text(folder.parent / "manifest.json", '{"name": "", "files": []}')
    delivery = only(tmp_path / "a")
    assert delivery.format.startswith("planet") and delivery.facts.get(Field.ACQUIRED) is not None
    assert f"{stem}_3B_udm2.tif" in names(f for f, _ in delivery.files)
    primary = [r for r in delivery.rasters if r.primary]
    assert [names(r.tiles) for r in primary] == [{image.name}]


def test_pleiades_with_pwoi_folders(shared: Path, tmp_path: Path) -> None:
    """IMG_PHR1A_MS_001/ folders under names with _PWOI_: the sample's two products stay one scene, wherever the volume lies."""
    source = shared / "data" / "vendor" / "pleiades_dimap2_bundle"
    order = tmp_path / "a" / "7156_IMG_PHR1A_PWOI_000012345_1_1_F_1" / "PHR1A_001"
    order.mkdir(parents=True)
    for file in source.iterdir():
        shutil.copyfile(file, order / file.name)
    delivery = only(tmp_path / "a")
    assert {len(r.tiles) for r in delivery.rasters} == {2} and len(delivery.rasters) == 2
