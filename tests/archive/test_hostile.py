"""The hostile collection, unpacked into a sandbox and scanned as one archive: boring, whatever is in it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from catalog_builder.archive.delivery import Delivery
from catalog_builder.archive.inventory import InventoryRow, inventory_rows, write_csv, write_xlsx
from catalog_builder.archive.overrides import write_override_template
from catalog_builder.archive.scan import Scan, scan
from catalog_builder.findings import Finding, Severity
from catalog_builder.progress import Progress
from catalog_builder.times import to_stac
from catalog_builder.workers import LocalWorkers

pytestmark = pytest.mark.shared

ERRORS: dict[str, str] = {
    "bomb_1GiB_in_1MB.zip": "archive.container-bomb",
    "nested_zip_6x8.zip": "archive.container-nested",
    "symlinks.tar": "archive.container-unsafe",
    "tar_symlink_write.tar.gz": "archive.container-unsafe",
    "tar_traversal.tar": "archive.container-unsafe",
    "zip_absolute.zip": "archive.container-unsafe",
    "zip_symlink.zip": "archive.container-unsafe",
    "zip_traversal_dotdot.zip": "archive.container-unsafe",
    "zip_truncated.zip": "archive.container-corrupt",
}
"""Containers, each with the finding it must end in."""

QUARANTINED: dict[str, str | None] = {
    "xxe_dimap/METADATA.DIM": "archive.xml-entities",
    "dimap_href_escape/METADATA.DIM": "archive.href-outside",
    "til_escape/evil.TIL": "archive.href-outside",
    "html_error_page.tif": None,
    "tiff_magic_then_random.tif": None,
    "truncated_60pct.tif": None,
    "zero_bytes.tif": None,
    "vrt_raw_etc_passwd.vrt": None,
    "vrt_vsicurl_loopback.vrt": None,
    "vrt_python_pixfun.vrt": None,
    "vrt_self.vrt": None,
    "wms_minidriver.xml": None,
    "mtl_lies/LC08_L1TP_127045_20990101_20990101_02_T1_MTL.txt": "archive.no-date",
    "gdal_corpus/block_width_above_32bit.tif": None,
    "gdal_corpus/huge-number-strips.tif": None,
    "gdal_corpus/toomanyblocks.tif": None,
    "gdal_corpus/truncated.jp2": None,
    "gdal_corpus/uint33.tif": None,
    "gdal_corpus/unknown_compression.tif": None,
}
"""Files whose delivery must carry an error before any pixel is decoded; with the code where there is one right code."""

LINKS = {
    "u/symlinks/arch/alias.tif": "archive.link-inside",
    "u/symlinks/arch/loop": "archive.link-inside",
    "u/symlinks/arch/self": "archive.link-outside",
    "u/symlinks/arch/passwd.tif": "archive.link-outside",
    "u/symlinks/arch/dangling.tif": "archive.link-outside",
}


@pytest.fixture(scope="module")
def sandbox(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the collection, and in ``archive/u`` what a person would have unpacked with tar."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(shared / "data" / "hostile", folder / "archive", symlinks=True)
    for name in ("symlinks", "weird_names"):
        target = folder / "archive" / "u" / name  # links and odd names are the test, so nothing is filtered
        target.mkdir(parents=True)
        subprocess.run(["tar", "-xf", str(folder / "archive" / f"{name}.tar"), "-C", str(target)], check=True)
    return folder


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file below ``folder`` with its hash and modification time; links with their target."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = (str(path.readlink()), path.lstat().st_mtime_ns)
        elif path.is_file():
            found[str(path)] = (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
    return found


@pytest.fixture(scope="module")
def scanned(sandbox: Path) -> Iterator[Scan]:
    before, outside = state(sandbox / "archive"), set(sandbox.iterdir())
    with LocalWorkers(2) as workers:
        result = scan([sandbox / "archive"], sandbox / "work", (), workers, Progress())
        again = scan([sandbox / "archive"], sandbox / "work", (), workers, Progress())
    assert state(sandbox / "archive") == before, "the archive was changed"
    assert set(sandbox.iterdir()) - outside == {sandbox / "work"}, "something was written outside the work area"
    assert not any(p.is_symlink() for p in (sandbox / "work").rglob("*"))
    assert again == result, "a second scan says something else"
    yield result


def everyone(result: Scan) -> list[Delivery]:
    return [*result.deliveries, *(d.delivery for d in result.duplicates)]


def findings(result: Scan) -> list[Finding]:
    return [*result.findings, *(f for d in everyone(result) for f in d.findings)]


def test_no_reader_failed_in_an_unknown_way(scanned: Scan) -> None:
    surprises = ("archive.reader-failed", "archive.reader-died", "archive.reader-timeout")
    assert [(f.subject, f.message("en")) for f in findings(scanned) if f.code in surprises] == []


@pytest.mark.parametrize(("name", "code"), sorted(ERRORS.items()))
def test_bad_containers_are_reported(scanned: Scan, name: str, code: str) -> None:
    assert [f.code for f in scanned.findings if f.subject == name and f.severity is Severity.ERROR] == [code]


@pytest.mark.parametrize(("name", "code"), sorted(LINKS.items()))
def test_links_follow_the_policy(scanned: Scan, name: str, code: str) -> None:
    assert [f.code for f in scanned.findings if f.subject == name] == [code]


@pytest.mark.parametrize(("name", "code"), sorted(QUARANTINED.items()))
def test_bad_files_are_quarantined(scanned: Scan, name: str, code: str | None) -> None:
    (delivery,) = [d for d in everyone(scanned) if name in {f.name for f, _ in d.files}]
    errors = {f.code for f in delivery.findings if f.severity is Severity.ERROR}
    assert errors and (code is None or code in errors)


def test_every_file_is_accounted_for(scanned: Scan, sandbox: Path) -> None:
    """Nothing is skipped in silence: each plain file is in a delivery, in a finding or litter."""
    told = {f.name for d in everyone(scanned) for f, _ in d.files} | {f.subject for f in findings(scanned)}
    unclaimed = {f.subject: str(f.params["names"]) for f in scanned.findings if f.code == "archive.unclaimed"}
    for path in (sandbox / "archive").rglob("*"):
        name = str(path.relative_to(sandbox / "archive"))
        if not path.is_file() or path.is_symlink() or not name.isprintable() or name in told or name == "Thumbs.db":
            continue
        if any(t.startswith(f"{name}!/") for t in told):
            continue
        folder, _, base = name.rpartition("/")
        assert base in unclaimed.get(folder or ".", ""), f"{name} is lost"


def test_litter_is_ignored_quietly(scanned: Scan) -> None:
    assert not any("Thumbs.db" in f.subject for f in findings(scanned))
    assert not any("Thumbs.db" in str(f.params.get("names", "")) for f in scanned.findings)


def test_odd_names_have_distinct_plain_identifiers(scanned: Scan) -> None:
    ids = [d.id for d in everyone(scanned)]
    assert len({i.casefold() for i in ids}) == len(ids)
    assert all(i.isascii() and all(c.isalnum() or c in "._-" for c in i) and len(i) <= 100 and not i.startswith((".", "-")) for i in ids)
    weird = [f.name for d in everyone(scanned) for f, _ in d.files if f.name.startswith("u/weird_names/")]
    hidden = sum(1 for f in scanned.findings if f.code == "archive.unclaimed" and f.subject.startswith("u/weird_names"))
    assert len(set(weird)) + hidden == 31
    assert all(name.isprintable() for name in weird)


def test_nothing_invalid_is_believed(scanned: Scan) -> None:
    for delivery in everyone(scanned):
        when = delivery.facts.acquired
        assert when is None or "1900" <= to_stac(when.start) < "2027"


def test_no_secret_reaches_any_text(scanned: Scan, sandbox: Path, tmp_path: Path) -> None:
    rows: list[InventoryRow] = inventory_rows(scanned)
    write_csv(rows, tmp_path / "i.csv")
    write_xlsx(rows, tmp_path / "i.xlsx")
    write_override_template(scanned, tmp_path / "o.toml")
    texts = [
        orjson.dumps([f.to_json() for f in findings(scanned)]),
        orjson.dumps([r.to_json() for r in rows]),
        repr(scanned).replace(str(sandbox), "").encode("utf-8", "surrogateescape"),
        *((tmp_path / n).read_bytes() for n in ("i.csv", "o.toml")),
        *(p.read_bytes() for p in (sandbox / "work").rglob("*") if p.is_file()),
    ]
    secrets = [line for line in Path("/etc/passwd").read_bytes().splitlines() if len(line) > 12]
    assert secrets
    assert not any(secret in text for secret in secrets for text in texts)
    assert not any(str(sandbox).encode() in text for text in texts[:2])


def test_findings_are_safe_to_print_in_both_languages(scanned: Scan) -> None:
    for finding in findings(scanned):
        for language in ("vi", "en"):
            text = finding.message(language) + finding.hint(language)
            assert text.isprintable() and "{" not in text, finding.code
