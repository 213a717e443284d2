"""``catalog-builder init``."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from catalog_builder.cli.output import say
from catalog_builder.cli.speech import argument, option, tell
from catalog_builder.cli.speech import command as declare
from catalog_builder.i18n import N_

EXAMPLE = 'catalog-builder init my-province --title-vi "Kho ảnh viễn thám" --title-en "Imagery archive" --license CC-BY-4.0'


@declare("init", help=N_("Make a commented catalogue definition in FOLDER, ready to build."), example=EXAMPLE)
@argument(
    "folder",
    N_("FOLDER"),
    type=click.Path(path_type=Path, file_okay=False),
    help=N_("Folder that the definition is written into; made where there is none."),
)
@option("--id", "identifier", help=N_("Identifier of the catalogue; the folder's name without marks by default."))
@option("--title-vi", help=N_("Title in Vietnamese."))
@option("--title-en", help=N_("Title in English."))
@option(
    "--license",
    "licence",
    required=True,
    prompt=N_("Licence of the data (SPDX, e.g. CC-BY-4.0, or other)"),
    help=N_("Licence of the data: SPDX identifier or 'other'."),
)
def command(folder: Path, identifier: str | None, title_vi: str | None, title_en: str | None, licence: str) -> None:
    from catalog_builder.definition.scaffold import scaffold
    from catalog_builder.ids import slug
    from catalog_builder.stac.people import spdx_or_other

    if spdx_or_other(licence) != licence:
        wrong = tell(N_("{licence} is not an SPDX identifier; write for example CC-BY-4.0, or other.")).format(licence=licence)
        raise click.BadParameter(wrong, param_hint="--license")
    name = folder.absolute().name
    files = scaffold(folder, identifier or slug(name), {"vi": title_vi or name, "en": title_en or name}, licence)
    for path in files:
        click.echo(path)
    say(
        N_("Next: put the folders of your deliveries into paths.archive of {file}, then run: catalog-builder scan {folder}"),
        file=folder / "catalog.toml",
        folder=quote(str(folder)),
    )
