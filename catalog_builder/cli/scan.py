"""``catalog-builder scan``."""

from __future__ import annotations

from pathlib import Path

import click

from catalog_builder.cli import options as opt
from catalog_builder.cli.output import language, print_json, say, show_findings
from catalog_builder.cli.speech import command as declare
from catalog_builder.cli.speech import option
from catalog_builder.findings import Severity
from catalog_builder.i18n import N_

_FILE = click.Path(path_type=Path, dir_okay=False)


@declare(
    "scan",
    help=N_("Read an archive without converting anything: what each delivery is, what is missing, what a build would do."),
    example="catalog-builder scan my-province --archive /data/disk1 --xlsx disk1.xlsx --write-overrides my-province/overrides/disk1.toml",
)
@opt.definition_argument
@opt.archive_option
@option("--store", type=click.Path(path_type=Path, file_okay=False), help=N_("Where containers are unpacked; overrides paths.store."))
@option("--csv", "csv_file", type=_FILE, help=N_("Also write the inventory as CSV."))
@option("--xlsx", "xlsx_file", type=_FILE, help=N_("Also write the inventory as XLSX."))
@option("--write-overrides", type=_FILE, help=N_("Write a file to fill in for scenes that need a human fact."))
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
    from catalog_builder.archive.inventory import Outcome, inventory_rows, write_csv, write_xlsx
    from catalog_builder.archive.overrides import write_override_template
    from catalog_builder.cli.inventory_table import show_table
    from catalog_builder.cli.survey import keep_facts, keep_out, say_template, survey
    from catalog_builder.progress import Progress

    loaded = opt.read_definition(definition)
    roots = opt.archive_roots(loaded, archive)
    keep_out(roots, [p for p in (csv_file, xlsx_file, write_overrides) if p is not None])
    if write_overrides is not None:
        keep_facts(write_overrides)
    progress = Progress(quiet=as_json, language=language())
    scanned, findings = survey(loaded, roots, opt.store_path(loaded, store), jobs, progress)
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
        if rows:
            show_table(rows)
        else:
            opt.say_empty(roots)
        show_findings(findings)
        if write_overrides:
            say_template(write_overrides, loaded.folder / "overrides")
        bad = sum(1 for r in rows if r.missing or r.outcome is Outcome.QUARANTINE)
        say(N_("{count} deliveries, {bad} of them need attention."), count=len(rows), bad=bad)
    raise click.exceptions.Exit(1 if any(f.severity is Severity.ERROR for f in findings) else 0)
