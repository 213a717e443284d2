"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog_builder.cli.output import say
from catalog_builder.cli.speech import argument, option
from catalog_builder.i18n import N_

if TYPE_CHECKING:
    from catalog_builder.definition.model import Definition


AUDIENCES = ("public", "internal", "restricted")
"""The values of ``Access``, which would take longer to import than help should take to show; a test holds them together."""

_FOLDER = click.Path(path_type=Path, file_okay=False)

definition_argument = argument(
    "definition",
    N_("DEFINITION"),
    type=click.Path(path_type=Path),
    help=N_("Folder with catalog.toml, as 'catalog-builder init' makes it."),
)
archive_option = option(
    "--archive",
    type=_FOLDER,
    multiple=True,
    help=N_("Folder of deliveries, never written to; repeatable; overrides paths.archive."),
)
store_option = option("--store", type=_FOLDER, help=N_("COGs and items; overrides paths.store."))
site_option = option("--site", type=_FOLDER, help=N_("Served tree; overrides paths.site."))
audience_option = option(
    "--audience", type=click.Choice(AUDIENCES), default=AUDIENCES[0], show_default=True, help=N_("Who the release is for.")
)
json_option = option("--json", "as_json", is_flag=True, help=N_("Print one JSON document instead of text."))
jobs_option = option(
    "--jobs", type=click.IntRange(0), default=os.cpu_count() or 1, show_default=N_("number of cores"), help=N_("Worker processes.")
)
scheduler_option = option("--scheduler", metavar=N_("ADDRESS"), help=N_("Dask scheduler, e.g. tcp://10.0.0.5:8786, instead of --jobs."))


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--archive``, ``--store``, ``--site``, ``--audience``: override what the definition says."""
    for add in (audience_option, site_option, store_option, archive_option):
        command = add(command)
    return command


def read_definition(folder: Path) -> Definition:
    """The definition in ``folder``, before there is work on it that its site could not take.

    Raises:
        UsageError: it has mistakes, or a collection bears the name of a folder of the site.
    """
    from catalog_builder.definition import load_definition
    from catalog_builder.errors import UsageError
    from catalog_builder.site.addresses import RESERVED
    from catalog_builder.site.findings import RESERVED_NAME

    definition = load_definition(folder)
    taken = [RESERVED_NAME(f"collections/{c.id}.toml", name=c.id) for c in definition.collections if c.id in RESERVED]
    if taken:
        raise UsageError(*taken)
    return definition


def archive_roots(definition: Definition, given: tuple[Path, ...]) -> tuple[Path, ...]:
    return given or tuple(definition.folder / p for p in definition.paths.archive)


def store_path(definition: Definition, given: Path | None) -> Path:
    return (given or definition.folder / definition.paths.store).resolve()


def site_path(definition: Definition, given: Path | None) -> Path:
    return (given or definition.folder / definition.paths.site).resolve()


def say_empty(archive: Sequence[Path]) -> None:
    """That nothing was found, and where it was looked for."""
    places = ", ".join(str(root) for root in archive) or "-"
    say(
        N_("No imagery was found in {places}. Put deliveries there, or name other folders in paths.archive or with --archive."),
        places=places,
    )
