"""``catalog-builder schemas``."""

from __future__ import annotations

from pathlib import Path

import click

from catalog_builder.cli.output import say, show_findings
from catalog_builder.findings import Severity
from catalog_builder.i18n import N_
from catalog_builder.stac.schemas import SchemaStore, add_folder, fetch_missing


@click.group("schemas")
def command() -> None:
    """The JSON schemas that items are validated against; kept on this machine, pinned by checksum.

    \b
    Example, on a machine with internet:     catalog-builder schemas fetch
    Example, on a closed network:            catalog-builder schemas add /media/usb/schemas
    """


@command.command("list")
def list_schemas() -> None:
    """Show which schemas are here and which are missing."""
    store = SchemaStore.default()
    for uri in store.pinned():
        click.echo(f"{'✓' if store.has(uri) else '–'} {uri}")


@command.command("add")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def add(folder: Path) -> None:
    """Take schemas from FOLDER (a copy of their web addresses as folders, as on a USB disk)."""
    added, findings = add_folder(folder)
    show_findings(findings)
    say(N_("{count} schemas added."), count=len(added))
    raise click.exceptions.Exit(1 if any(f.severity is Severity.ERROR for f in findings) else 0)


@command.command("fetch")
def fetch() -> None:
    """Download the missing schemas from their own addresses; each must have its pinned checksum."""
    added, findings = fetch_missing()
    show_findings(findings)
    say(N_("{count} schemas added."), count=len(added))
    raise click.exceptions.Exit(1 if any(f.severity is Severity.ERROR for f in findings) else 0)
