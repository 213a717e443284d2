"""``catalog-builder scan``."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from catalog_builder.archive.findings import OUTPUT_INSIDE_ARCHIVE
from catalog_builder.archive.inventory import InventoryRow, inventory_rows, write_csv, write_xlsx
from catalog_builder.archive.overrides import write_override_template
from catalog_builder.archive.scan import READ_MEMORY, READ_SECONDS, Scan
from catalog_builder.archive.scan import scan as run_scan
from catalog_builder.cli import options as opt
from catalog_builder.cli.output import language, print_json, say, show_findings
from catalog_builder.definition import load_definition
from catalog_builder.definition.assign import assign
from catalog_builder.definition.findings import OVERRIDES_FILLED
from catalog_builder.definition.model import Definition
from catalog_builder.errors import UsageError
from catalog_builder.findings import Finding, Severity, in_order, printable
from catalog_builder.i18n import N_, translate
from catalog_builder.progress import Progress
from catalog_builder.raster.findings import UNREADABLE
from catalog_builder.raster.foresee import Prospect, foresee
from catalog_builder.scene import raster_options
from catalog_builder.store import Store
from catalog_builder.workers import Limited, map_tasks, open_executor

_HEADINGS = (N_("scene"), N_("format"), N_("platform"), N_("acquired"), N_("what is missing"), N_("what will happen"))


@click.command("scan")
@opt.definition_argument
@click.option("--archive", type=click.Path(path_type=Path, file_okay=False), multiple=True, help="Folder of deliveries; repeatable.")
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), help="Where containers are unpacked; overrides paths.store.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="Also write the inventory as CSV.")
@click.option("--xlsx", "xlsx_file", type=click.Path(path_type=Path, dir_okay=False), help="Also write the inventory as XLSX.")
@click.option(
    "--write-overrides", type=click.Path(path_type=Path, dir_okay=False), help="Write a file to fill in for scenes that need a human fact."
)
@opt.jobs_option
@opt.json_option
def command(
    definition: Path,
    archive: tuple[Path, ...],
    store: Path | None,
    csv_file: Path | None,
    xlsx_file: Path | None,
    write_overrides: Path | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Read an archive without converting anything: what each delivery is, what is missing, what a build would do.

    \b
    Example:
      catalog-builder scan catalog/quang-ninh --archive /data/disk1 --xlsx inventory.xlsx --write-overrides overrides/disk1.toml
    """
    loaded = load_definition(definition)
    roots = opt.archive_roots(loaded, archive)
    _keep_out(roots, [p for p in (csv_file, xlsx_file, write_overrides) if p is not None])
    if write_overrides is not None:
        _keep_facts(write_overrides)
    work = Store(opt.store_path(loaded, store)).work
    with open_executor(jobs, None) as executor:
        progress = Progress(quiet=as_json, language=language())
        scanned = run_scan(roots, work, loaded.overrides, executor, progress)
        scanned = _with_prospects(scanned, loaded, executor, progress)
    unassigned = [f for d in scanned.deliveries if isinstance(f := assign(d, loaded), Finding)]
    findings = in_order([*scanned.findings, *unassigned, *(f for d in scanned.deliveries for f in d.findings)])
    rows = inventory_rows(scanned)
    if csv_file:
        write_csv(rows, csv_file)
    if xlsx_file:
        write_xlsx(rows, xlsx_file)
    if write_overrides:
        write_override_template(scanned, write_overrides, findings)
    if as_json:
        print_json({"deliveries": [r.to_json() for r in rows], "findings": [f.to_json() for f in findings]})
    else:
        _table(rows)
        show_findings(findings)
        say(N_("{count} deliveries, {bad} of them need attention."), count=len(rows), bad=sum(1 for r in rows if r.missing))
    raise click.exceptions.Exit(1 if any(f.severity is Severity.ERROR for f in findings) else 0)


def _keep_out(roots: Sequence[Path], files: Sequence[Path]) -> None:
    """Archives are only read, by tables and templates as well.

    Raises:
        UsageError: one of ``files`` would lie in an archive.
    """
    for file in files:
        for root in roots:
            if file.resolve().is_relative_to(root.resolve()):
                raise UsageError(OUTPUT_INSIDE_ARCHIVE(str(file), path=str(file), archive=str(root)))


def _keep_facts(file: Path) -> None:
    """What people wrote is not replaced by questions.

    Raises:
        UsageError: ``file`` is there and holds more than comments.
    """
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    if any(line.strip() and not line.lstrip().startswith("#") for line in lines):
        raise UsageError(OVERRIDES_FILLED(str(file), path=str(file)))


def _with_prospects(scanned: Scan, definition: Definition, executor: Executor, progress: Progress) -> Scan:
    """``scanned`` with what a build would find out about each raster when it opens it: no CRS, impossible coordinates, size."""
    prospects = [
        Prospect(d, raster_options(definition, decision.collection))
        for d in scanned.deliveries
        if d.rasters and not isinstance(decision := assign(d, definition), Finding)
    ]
    foreseen: dict[str, tuple[Finding, ...]] = {}
    with progress.stage("headers", len(prospects)) as advance:
        for prospect, outcome in map_tasks(executor, Limited(foresee, READ_SECONDS, READ_MEMORY), prospects):
            failed = (UNREADABLE(prospect.delivery.rasters[0].tiles[0].name, problem=type(outcome).__name__),)
            foreseen[prospect.delivery.id] = failed if isinstance(outcome, Exception) else outcome
            advance(prospect.delivery.id)
    told = (replace(d, findings=(*d.findings, *foreseen.get(d.id, ()))) for d in scanned.deliveries)
    return replace(scanned, deliveries=tuple(told))


def _table(rows: list[InventoryRow]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in _HEADINGS:
        table.add_column(translate(heading, language()), overflow="fold")
    for row in rows:
        missing = ", ".join(translate(what, language()) for what in row.missing)
        cells = (row.id, row.format, row.platform, row.acquired, missing, translate(row.outcome.value, language()))
        table.add_row(*(printable(str(cell or "–")) for cell in cells))
    Console(markup=False).print(table)
