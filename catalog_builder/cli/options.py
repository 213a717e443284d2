"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from catalog_builder.definition.model import Access, Definition

Command = TypeVar("Command", bound=Callable[..., Any])

definition_argument = click.argument("definition", type=click.Path(path_type=Path))
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(0), default=os.cpu_count() or 1, show_default="number of cores", help="Worker processes."
)
scheduler_option = click.option("--scheduler", metavar="ADDRESS", help="Dask scheduler, e.g. tcp://10.0.0.5:8786, instead of --jobs.")


def place_options(command: Command) -> Command:
    """``--archive``, ``--store``, ``--site``, ``--audience``: override what the definition says."""
    folder = click.Path(path_type=Path, file_okay=False)
    for option in (
        click.option(
            "--audience",
            type=click.Choice([a.value for a in Access]),
            default=Access.PUBLIC.value,
            show_default=True,
            help="Who the release is for.",
        ),
        click.option("--site", type=folder, help="Served tree; overrides paths.site."),
        click.option("--store", type=folder, help="COGs and items; overrides paths.store."),
        click.option(
            "--archive", type=folder, multiple=True, help="Folder of deliveries, never written to; repeatable; overrides paths.archive."
        ),
    ):
        command = option(command)
    return command


def archive_roots(definition: Definition, given: tuple[Path, ...]) -> tuple[Path, ...]:
    return given or tuple(definition.folder / p for p in definition.paths.archive)


def store_path(definition: Definition, given: Path | None) -> Path:
    return (given or definition.folder / definition.paths.store).resolve()


def site_path(definition: Definition, given: Path | None) -> Path:
    return (given or definition.folder / definition.paths.site).resolve()
