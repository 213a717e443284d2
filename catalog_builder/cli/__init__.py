"""The command line: parses, calls a room, prints. One module per command, loaded when it is called.

Exit codes everywhere: 0 fine, 1 findings at error level or quarantined scenes, 2 usage, 3 environment.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from catalog_builder import __version__
from catalog_builder.errors import CatalogError

COMMANDS = {
    "init": "Make a commented catalogue definition.",
    "scan": "Read an archive without converting: what is there, what is missing.",
    "build": "Build catalogue and site: convert what changed, check, publish.",
    "check": "Check a finished tree: schemas, profile, links, bytes, pixels.",
    "serve": "Look at a built site in a browser.",
    "explain": "Say where each value of an item comes from.",
    "schemas": "The JSON schemas kept on this machine.",
}


class LazyGroup(click.Group):
    """Imports a command's module only when it is called: GDAL and pyarrow take longer to load than ``--help`` should."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"catalog_builder.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="catalog-builder")
@click.option("--lang", type=click.Choice(["vi", "en"]), envvar="CATALOG_BUILDER_LANG", default=None, help="Language of messages [LANG].")
def cli(lang: str | None) -> None:
    """Archives of imagery into Cloud-Optimized GeoTIFFs, a STAC catalogue and a static site.

    \b
    Example:
      catalog-builder init my-province
      catalog-builder scan my-province --archive /data/disk1
      catalog-builder build my-province --archive /data/disk1
      catalog-builder serve my-province
    """
    if lang is not None:
        os.environ["CATALOG_BUILDER_LANG"] = lang  # errors are shown after click has left its context, and workers inherit it


def main() -> None:
    """Entry point: errors that stop a command become findings on the terminal and an exit code."""
    try:
        sys.exit(cli(standalone_mode=False))
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(130)
    except click.ClickException as usage:
        usage.show()
        sys.exit(2)
    except (CatalogError, OSError) as problem:
        from catalog_builder.cli.output import report_problem

        sys.exit(report_problem(problem))
