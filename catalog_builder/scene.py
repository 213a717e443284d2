"""Making one scene: the task that runs in a worker. Idempotent: the same delivery, policy and software give the same files."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from catalog_builder.archive.delivery import Delivery
from catalog_builder.files import StoredFile, on_disk_together, write_json
from catalog_builder.findings import Finding, Severity, in_order
from catalog_builder.fingerprints import fingerprints_of, write_fingerprints
from catalog_builder.planning import SceneTask
from catalog_builder.raster.convert import convert
from catalog_builder.raster.findings import DISK_SPACE, NO_VISUAL, NOT_WRITTEN, WRITER_FAILED
from catalog_builder.raster.model import Raster
from catalog_builder.stac.item import make_item
from catalog_builder.stac.model import Item
from catalog_builder.stac.profile import check_profile
from catalog_builder.stac.schemas import SchemaStore
from catalog_builder.stac.validate import Validator
from catalog_builder.store import Record, Store, load_raster, save_raster


class SourceMoved(Exception):
    """A file of the scene changed or went away while it was read: nothing that was made of it is kept."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name} changed or went away while it was read"


class NotMade(Exception):
    """A scene that is not to be remembered, because another try may succeed; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def make_scene(task: SceneTask) -> Record:
    """Convert (or take the finished products), make and check the item, write it beside the products.

    Raises:
        OSError: the store cannot be written.
        NotMade, SourceMoved: nothing is kept; another try may succeed.
    """
    store = Store(task.store)
    folder = store.scene_folder(task.delivery.id, task.pixel_key)
    if (raster := _finished(store, task)) is None:
        with store.making(task.delivery.id, task.pixel_key) as own:
            save_raster(_converted(task, own), own)
        raster = load_raster(folder)
        assert raster is not None  # it has just been given its name
    item = _checked(make_item(task.delivery, raster, task.assignment, task.definition, folder))
    written = write_json(store.item_path(task.delivery.id, task.pixel_key, task.item_key), item.json)
    return _record(task, item, raster, written)


def _finished(store: Store, task: SceneTask) -> Raster | None:
    """The finished products. Where one of them is lost, or nothing can tell any more what they are, all go and None is the answer."""
    try:
        raster = load_raster(store.scene_folder(task.delivery.id, task.pixel_key))
        if raster is None or all(file.path.is_file() for file in raster.files()):
            return raster
    except ValidationError:
        pass  # as lost as a product that is not there
    store.discard(task.delivery.id, task.pixel_key)
    return None


def _converted(task: SceneTask, folder: Path) -> Raster:
    """The products, and what their sources contain, on disk before anything says that they are finished."""
    with on_disk_together(), ThreadPoolExecutor(1) as beside:
        noting = beside.submit(fingerprints_of, task.delivery)
        raster = convert(task.delivery, folder, task.options)
        wait([noting])
        _refuse_passing_trouble(task.delivery, raster.findings, folder)
        write_fingerprints(noting.result(), folder)
    return raster


PASSING = frozenset({NOT_WRITTEN.code, DISK_SPACE.code})
PROBE_BYTES = 1 << 20
"""What must still fit on the disk before a failed conversion is called the scene's own fault."""


def _refuse_passing_trouble(delivery: Delivery, findings: Sequence[Finding], folder: Path) -> None:
    """What failed because a disk was full or an archive went away must not be remembered as a property of the scene.

    Raises:
        OSError: the disk takes no more; other scenes would fail as well.
        NotMade: GDAL gave up on this scene.
        SourceMoved: the archive changed under the work.
    """
    for finding in findings:
        if finding.code in PASSING:
            raise OSError(errno.EIO, finding.message("en"), finding.subject)
    failed = next((f for f in findings if f.code == WRITER_FAILED.code), None)
    if failed is not None and shutil.disk_usage(folder).free < sum(file.size for file, _ in delivery.files):
        raise OSError(errno.ENOSPC, failed.message("en"), failed.subject)
    if failed is not None:
        raise NotMade(failed)
    if any(f.severity is Severity.ERROR or f.code == NO_VISUAL.code for f in findings):
        probe = folder / "probe"
        try:
            probe.write_bytes(bytes(PROBE_BYTES))  # libraries report a full disk as many things
        finally:
            probe.unlink(missing_ok=True)
    for file, _ in delivery.files:
        try:
            status = file.path.stat()
        except OSError:
            raise SourceMoved(file.name) from None
        unpacked = "!/" in file.name  # a member bears the time of its container, its unpacked copy another
        if status.st_size != file.size or (status.st_mtime_ns != file.mtime_ns and not unpacked):
            raise SourceMoved(file.name)


def _checked(item: Item) -> Item:
    """The item with what schemas and profile say about it; an item that breaks a rule at error level becomes a draft."""
    if item.draft:
        return item
    findings = [*Validator(SchemaStore.default()).check(item.json, item.id), *check_profile(item.json, item.id)]
    broken = any(f.severity is Severity.ERROR for f in findings)
    return replace(item, findings=(*item.findings, *findings), draft=item.draft or broken)


def _record(task: SceneTask, item: Item, raster: Raster, written: StoredFile) -> Record:
    properties = item.json["properties"]
    findings = in_order([*task.delivery.findings, *raster.findings, *item.findings])
    return Record(
        id=item.id,
        pixel_key=task.pixel_key,
        item_key=task.item_key,
        collection=item.collection,
        access=item.access,
        item=written.path.relative_to(task.store).as_posix(),
        start=None if item.draft else properties.get("datetime") or properties.get("start_datetime"),
        draft=item.draft,
        title=str(properties.get("title", item.id)),
        files=tuple((f.path.relative_to(task.store).as_posix(), f.size, f.checksum) for f in raster.files()),
        findings=tuple(findings),
        parts=task.parts,
        checksum=written.checksum,
    )
