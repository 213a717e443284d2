"""Click in the language of the reader: help and usage errors are translated when they are shown.

Click makes its messages in English. They are recognised by the templates below and told again; what a newer click says differently
stays English.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import click

from catalog_builder.cli.output import language
from catalog_builder.findings import Severity
from catalog_builder.i18n import LANGUAGES, N_, translate

_TEMPLATES = (
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("[OPTIONS]"),
    N_("COMMAND [ARGS]..."),
    N_("TEXT"),
    N_("FILE"),
    N_("DIRECTORY"),
    N_("INTEGER RANGE"),
    N_("integer range"),
    N_("Path"),
    N_("File"),
    N_("Directory"),
    N_("required"),
    N_("default: ({word})"),
    N_("default: {value}"),
    N_("Missing command."),
    N_("Missing argument {param}."),
    N_("Missing option {param}."),
    N_("{message} Did you mean {possibility}?"),
    N_("{message} (Did you mean one of: {possibilities}?)"),
    N_("No such option {name}."),
    N_("No such command {name}."),
    N_("Option {name} requires an argument."),
    N_("Option {name} does not take a value."),
    N_("Got unexpected extra argument ({args})"),
    N_("Got unexpected extra arguments ({args})"),
    N_("Invalid value for {param}: {message}"),
    N_("{value} is not one of {choices}."),
    N_("{value} is not in the range {range}."),
    N_("{value} is not a valid {kind}."),
    N_("{kind} {name} does not exist."),
    N_("{kind} {name} is a file."),
    N_("{kind} {name} is a directory."),
    N_("{kind} {name} is not readable."),
)
"""What click says of commands like ours, the more particular first. Its ``!r`` are left out: they are in the message already."""

_OF_CLICK = frozenset({"kind", "message", "word"})
"""Names in the templates for which click, or we, put in words; all others stand for what the user typed."""


def tell(text: str) -> str:
    """A text of ours in the language of the reader."""
    return translate(text, language())


def retell(message: str, lang: str | None = None) -> str:
    """A message that click made, in the language of the reader, or in ``lang``."""
    lang = lang or language()
    for template in _TEMPLATES:
        found = _pattern(template).fullmatch(message)
        if found:
            values = {k: retell(v, lang) if k in _OF_CLICK else v for k, v in found.groupdict().items()}
            return translate(template, lang).format(**values)
    return translate(message, lang)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    literal_and_name = re.split(r"\{(\w+)\}", template)
    parts = (f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(literal_and_name))
    return re.compile("".join(parts), re.DOTALL)


class Option(click.Option):
    """An option whose prompt and metavar are translated; its help is, by the command."""

    def make_metavar(self, ctx: click.Context) -> str:
        return retell(super().make_metavar(ctx))

    def prompt_for_value(self, ctx: click.Context) -> Any:
        if self.prompt:
            self.prompt = tell(self.prompt)
        return super().prompt_for_value(ctx)


class Argument(click.Argument):
    """An argument whose name is translated, in the usage line and in errors; ``explanation`` says in the help what it is."""

    def __init__(self, *args: Any, help: str, **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.explanation = help

    def make_metavar(self, ctx: click.Context) -> str:
        return tell(super().make_metavar(ctx))


class Command(click.Command):
    """A command whose help is translated; ``example`` are lines of a shell and are not."""

    def __init__(self, *args: Any, example: str = "", **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.example = example

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [retell(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), f"{tell(N_('Usage:'))} ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(tell(self.help or ""))
            if self.example:
                formatter.write_paragraph()
                formatter.write_text("\n".join(("\b", tell(N_("Example:")), *(f"  {line}" for line in self.example.splitlines()))))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        arguments = [(param.make_metavar(ctx), tell(param.explanation)) for param in self.get_params(ctx) if isinstance(param, Argument)]
        if arguments:
            with formatter.section(tell(N_("Arguments"))):
                formatter.write_dl(arguments)
        with formatter.section(tell(N_("Options"))):
            formatter.write_dl([_row(option, ctx) for option in self.get_params(ctx) if isinstance(option, click.Option)])

    def get_short_help_str(self, limit: int = 45) -> str:
        return tell(self.help or "")


def _row(option: click.Option, ctx: click.Context) -> tuple[str, str]:
    """Spelling and help of an option, as click gives them in English: ``help  [default: value; required]``."""
    spelling, text = option.get_help_record(ctx) or ("", "")
    own = option.help or ""
    extra = text.removeprefix(own).strip().removeprefix("[").removesuffix("]")
    told = f"[{'; '.join(retell(part) for part in extra.split('; '))}]" if extra else ""
    return spelling, "  ".join(filter(None, (tell(own), told)))


class Group(Command, click.Group):
    """A command with commands below it."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section(tell(N_("Commands"))):
            formatter.write_dl(self.short_helps(ctx))

    def short_helps(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Names of the commands with a line about each."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        return [(name, found.get_short_help_str()) for name, found in commands if found is not None]


def command(name: str, *, help: str, example: str = "") -> Callable[[Callable[..., Any]], Command]:
    """``click.command`` with translated help."""
    return click.command(name, cls=Command, help=help, example=example)


def group(name: str, *, help: str, example: str = "") -> Callable[[Callable[..., Any]], Group]:
    """``click.group`` with translated help."""
    return click.group(name, cls=Group, help=help, example=example)


def option(*spellings: str, **attrs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``click.option`` with translated texts; ``help`` is marked with ``N_``."""
    return click.option(*spellings, cls=Option, **attrs)


def argument(name: str, metavar: str, *, help: str, **attrs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``click.argument`` with a translated ``metavar`` and ``help``, marked with ``N_``."""
    return click.argument(name, cls=Argument, metavar=metavar, help=help, **attrs)


_TRY = N_("Try '{command} --help' for help.")


def usage_as_json(problem: click.ClickException) -> dict[str, Any]:
    """A usage error as machines get every other error: a finding in both languages."""
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    command = context.command_path if context is not None else "catalog-builder"
    return {
        "code": "usage",
        "severity": Severity.ERROR.value,
        "subject": command,
        "message": {lang: retell(problem.format_message(), lang) for lang in LANGUAGES},
        "hint": {lang: translate(_TRY, lang).format(command=command) for lang in LANGUAGES},
        "params": {},
    }


def show_usage_error(problem: click.ClickException) -> None:
    """What ``problem.show()`` would print, in the language of the reader."""
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):
        problem.show()  # it is the help itself
        return
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    if context is not None:
        click.echo(context.get_usage(), err=True)
        click.echo(tell(_TRY).format(command=context.command_path) + "\n", err=True)
    click.echo(tell(N_("Error: {message}")).format(message=retell(problem.format_message())), err=True)
