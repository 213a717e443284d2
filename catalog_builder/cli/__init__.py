"""The command line: parses, calls a room, prints. One module per command, which imports a room when the command runs.

Exit codes everywhere: 0 fine, 1 findings at error level or quarantined scenes, 2 usage, 3 environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from catalog_builder import __version__
from catalog_builder.cli import speech
from catalog_builder.cli.output import LANGUAGE_VARIABLE, prepare_output, print_json, report_problem
from catalog_builder.errors import CatalogError
from catalog_builder.i18n import LANGUAGES, N_
from catalog_builder.processes import set_up

COMMANDS = {
    "init": N_("Make a commented catalogue definition."),
    "scan": N_("Read an archive without converting: what is there, what is missing."),
    "build": N_("Build catalogue and site: convert what changed, check, publish."),
    "check": N_("Check a finished tree: schemas, profile, links, bytes, pixels."),
    "serve": N_("Look at a built site in a browser."),
    "explain": N_("Say where each value of an item comes from."),
    "schemas": N_("The JSON schemas kept on this machine."),
}


class LazyGroup(speech.Group):
    """Imports a command's module only when that command is meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"catalog_builder.cli.{cmd_name}").command
        return command

    def short_helps(self, ctx: click.Context) -> list[tuple[str, str]]:
        return [(name, speech.tell(text)) for name, text in COMMANDS.items()]


def _choose_language(ctx: click.Context, option: click.Parameter, lang: str | None) -> None:
    if lang is not None:
        os.environ[LANGUAGE_VARIABLE] = lang  # errors are shown after click has left its context, and workers inherit it


EXAMPLE = """\
catalog-builder init my-province
catalog-builder scan my-province --archive /data/disk1
catalog-builder build my-province --archive /data/disk1
catalog-builder serve my-province"""


@click.group(
    cls=LazyGroup,
    help=N_("Archives of imagery into Cloud-Optimized GeoTIFFs, a STAC catalogue and a static site."),
    example=EXAMPLE,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="catalog-builder", message="%(prog)s %(version)s")
@speech.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    envvar=LANGUAGE_VARIABLE,
    is_eager=True,  # help is shown while options are read
    expose_value=False,
    callback=_choose_language,
    help=N_("Language of messages and help; that of the environment by default."),
)
def cli() -> None:
    pass


def language_first(arguments: Sequence[str]) -> list[str]:
    """``--lang`` from wherever it stands to the front, so that it is known before a help text or an error is shown; what follows ``--`` is
    left alone."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    for at, word in enumerate(options):
        length = 2 if word == "--lang" else 1 if word.startswith("--lang=") else 0
        if length:
            return [*arguments[at : at + length], *arguments[:at], *arguments[at + length :]]
    return list(arguments)


def main() -> None:
    """Entry point: errors that stop a command become findings on the terminal and an exit code."""
    set_up()
    prepare_output()
    try:
        sys.exit(cli(language_first(sys.argv[1:]), standalone_mode=False))
    except click.Abort:
        click.echo(speech.tell(N_("Aborted.")), err=True)
        sys.exit(130)
    except click.ClickException as usage:
        speech.show_usage_error(usage)
        if "--json" in sys.argv:
            print_json({"findings": [speech.usage_as_json(usage)]})
        sys.exit(2)
    except (CatalogError, OSError) as problem:
        sys.exit(report_problem(problem))
