"""Adding a vendor is one file and one line: no other module of the product knows a vendor module by name."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import catalog_builder
from catalog_builder.archive import vendors
from catalog_builder.archive.delivery import FileRole, Folder, RasterSource, Reading, SceneFiles
from catalog_builder.archive.keyvalue import parse_keyvalues
from catalog_builder.archive.registry import FORMATS, MODULES
from catalog_builder.archive.scan import scan
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.progress import Progress
from catalog_builder.times import When, parse_iso
from catalog_builder.workers import LocalWorkers
from tests.archives import write_scene

PACKAGE = Path(catalog_builder.__file__).parent
VENDORS = Path(next(iter(vendors.__path__)))


def test_every_module_is_registered_once_and_nothing_else_is() -> None:
    assert sorted(MODULES) == sorted(p.stem for p in VENDORS.glob("*.py") if p.stem != "__init__")
    assert len({f.name for f in FORMATS}) == len(FORMATS)


def test_no_module_imports_a_vendor_module() -> None:
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        imported |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        assert not [m for m in imported if m.startswith("catalog_builder.archive.vendors.")], path


class Imaginary:
    """A vendor nobody knows: ``product.imaginary`` beside the image, as small as a format can be."""

    name = "imaginary"

    def find(self, folder: Folder) -> Iterable[SceneFiles]:
        """One scene per key file that begins as one."""
        for key in folder.files:
            if key.head(9) == b"IMAGINARY":
                images = tuple((f, FileRole.RASTER) for f in folder.files if f.suffix == ".tif")
                yield SceneFiles(self.name, key, folder, ((key, FileRole.METADATA), *images))

    def read(self, scene: SceneFiles) -> Reading:
        """The day stands in the metadata."""
        source = Source(Origin.METADATA, scene.key.name, "DAY")
        claim = Claim(Field.ACQUIRED, parse_iso(parse_keyvalues(scene.key).text("DAY") or ""), source)
        return Reading((claim,), tuple(RasterSource("image", (f,)) for f in scene.with_role(FileRole.RASTER)))


def test_a_new_format_needs_nothing_but_its_class(tmp_path: Path) -> None:
    write_scene(tmp_path / "archive" / "x" / "scene.tif")
    (tmp_path / "archive" / "x" / "product.imaginary").write_text("IMAGINARY = 1\nDAY = 2021-06-05\n")
    with LocalWorkers(1) as workers:
        result = scan([tmp_path / "archive"], tmp_path / "work", (), workers, Progress(quiet=True), formats=(Imaginary(), *FORMATS))
    (delivery,) = result.deliveries
    assert (delivery.format, delivery.facts.acquired, len(delivery.rasters)) == ("imaginary", When.day(2021, 6, 5), 1)
    assert delivery.findings == ()
