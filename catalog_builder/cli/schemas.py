"""``catalog-builder schemas``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from catalog_builder.cli.output import say, show_findings
from catalog_builder.cli.speech import Command, argument, group
from catalog_builder.findings import Finding, Severity
from catalog_builder.i18n import N_

EXAMPLE = """\
catalog-builder schemas fetch
catalog-builder schemas add /media/usb/schemas"""


@group(
    "schemas",
    help=N_(
        "The JSON schemas that items are validated against; kept on this machine, pinned by checksum. "
        "With internet they are fetched; on a closed network they are added from a folder."
    ),
    example=EXAMPLE,
)
def command() -> None:
    pass


@command.command("list", cls=Command, help=N_("Show which schemas are here and which are missing."))
def list_schemas() -> None:
    from catalog_builder.stac.schemas import SchemaStore

    store = SchemaStore.default()
    for uri in store.pinned():
        click.echo(f"{'✓' if store.has(uri) else '–'} {uri}")


@command.command("add", cls=Command, help=N_("Take schemas from FOLDER (a copy of their web addresses as folders, as on a USB disk)."))
@argument(
    "folder",
    N_("FOLDER"),
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help=N_("Folder with .json files, for example on a USB disk."),
)
def add(folder: Path) -> None:
    from catalog_builder.stac.schemas import add_folder

    _report(*add_folder(folder))


@command.command(
    "fetch", cls=Command, help=N_("Download the missing schemas from their own addresses; each must have its pinned checksum.")
)
def fetch() -> None:
    from catalog_builder.stac.schemas import fetch_missing

    _report(*fetch_missing())


def _report(added: Sequence[str], findings: Sequence[Finding]) -> None:
    show_findings(findings)
    say(N_("{count} schemas added."), count=len(added))
    raise click.exceptions.Exit(1 if any(f.severity is Severity.ERROR for f in findings) else 0)
