"""The command line: parses, calls a room, prints. One module per command.

Exit codes everywhere: 0 fine, 1 findings at error level or quarantined scenes, 2 usage, 3 environment.
"""

from __future__ import annotations

import sys

import click

from catalog_builder import __version__
from catalog_builder.cli import build, check, explain, init, scan, schemas, serve
from catalog_builder.cli.output import report_problem
from catalog_builder.errors import CatalogError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="catalog-builder")
@click.option("--lang", type=click.Choice(["vi", "en"]), envvar="CATALOG_BUILDER_LANG", default=None, help="Language of messages [LANG].")
@click.pass_context
def cli(context: click.Context, lang: str | None) -> None:
    """Archives of imagery into Cloud-Optimized GeoTIFFs, a STAC catalogue and a static site.

    \b
    Example:
      catalog-builder init my-province
      catalog-builder scan my-province --archive /data/disk1
      catalog-builder build my-province --archive /data/disk1
      catalog-builder serve my-province
    """
    context.obj = lang


for module in (init, scan, build, check, serve, explain, schemas):
    cli.add_command(module.command)


def main() -> None:
    """Entry point: errors that stop a command become findings on the terminal and an exit code."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(130)
    except click.ClickException as usage:
        usage.show()
        sys.exit(2)
    except CatalogError as problem:
        sys.exit(report_problem(problem))
    except OSError as problem:
        sys.exit(report_problem(problem))
