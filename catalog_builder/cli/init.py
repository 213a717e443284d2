"""``catalog-builder init``."""

from __future__ import annotations

from pathlib import Path

import click

from catalog_builder.cli.output import say
from catalog_builder.definition.scaffold import scaffold
from catalog_builder.i18n import N_
from catalog_builder.ids import slug


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--id", "identifier", help="Identifier of the catalogue; the folder's name without marks by default.")
@click.option("--title-vi", help="Title in Vietnamese.")
@click.option("--title-en", help="Title in English.")
@click.option(
    "--license",
    "licence",
    required=True,
    prompt="Licence of the data (SPDX, e.g. CC-BY-4.0, or other)",
    help="Licence of the data: SPDX identifier or 'other'.",
)
def command(folder: Path, identifier: str | None, title_vi: str | None, title_en: str | None, licence: str) -> None:
    """Make a commented catalogue definition in FOLDER, ready to build.

    \b
    Example:
      catalog-builder init my-province --title-vi "Kho ảnh viễn thám" --title-en "Imagery archive" --license CC-BY-4.0
    """
    name = identifier or slug(folder.absolute().name)
    files = scaffold(folder, name, {"vi": title_vi or name, "en": title_en or name}, licence)
    for path in files:
        click.echo(path)
    say(
        N_("Next: put the folders of your deliveries into paths.archive of {file}, then run: catalog-builder scan {folder}"),
        file=folder / "catalog.toml",
        folder=folder,
    )
