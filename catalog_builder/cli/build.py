"""``catalog-builder build``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from catalog_builder.cli import options as opt
from catalog_builder.cli.output import language, print_json, say, show_findings
from catalog_builder.cli.speech import command as declare
from catalog_builder.cli.speech import option, tell
from catalog_builder.i18n import N_

if TYPE_CHECKING:
    from catalog_builder.build import BuildOptions, BuildResult
    from catalog_builder.definition import Definition

REASONS = {
    "new": N_("new"),
    "sources": N_("source files changed"),
    "metadata": N_("metadata is read differently"),
    "options": N_("raster options changed"),
    "policy": N_("catalogue definition changed"),
    "software": N_("software changed"),
    "store": N_("missing in the store"),
    "damage": N_("damaged in the store"),
}
"""The values of ``Reason`` in words."""


@declare(
    "build",
    help=N_("Build the catalogue and the site of DEFINITION: convert what is new or changed, check, and publish whole or not at all."),
    example="catalog-builder build catalog/quang-ninh --archive /data/disk1 --audience internal",
)
@opt.definition_argument
@opt.place_options
@opt.jobs_option
@opt.scheduler_option
@option(
    "--as-of",
    metavar=N_("TIME"),
    help=N_("Publication time (RFC 3339, UTC) to write into the items; without it none is written."),
)
@option("--allow-shrink", is_flag=True, help=N_("Publish even if many items would disappear."))
@option("--verify", is_flag=True, help=N_("Distrust sizes and times: read all sources and products, and make again what differs."))
@option("--dry-run", is_flag=True, help=N_("Say what would be built, and write nothing but the work area."))
@opt.json_option
def command(
    definition: Path,
    archive: tuple[Path, ...],
    store: Path | None,
    site: Path | None,
    audience: str,
    jobs: int,
    scheduler: str | None,
    as_of: str | None,
    allow_shrink: bool,
    verify: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    from catalog_builder.build import BuildOptions, build
    from catalog_builder.definition import Access
    from catalog_builder.progress import Progress

    loaded = opt.read_definition(definition)
    if as_of is not None:
        loaded = _published(loaded, as_of)
    choices = BuildOptions(
        archive=opt.archive_roots(loaded, archive),
        store=opt.store_path(loaded, store),
        site=opt.site_path(loaded, site),
        audience=Access(audience),
        jobs=jobs,
        scheduler=scheduler,
        allow_shrink=allow_shrink,
        verify=verify,
        dry_run=dry_run,
    )
    result = build(loaded, choices, Progress(quiet=as_json, language=language()))
    if as_json:
        print_json(_as_json(result, choices.site))
    else:
        _print(result, choices)
    raise click.exceptions.Exit(result.exit_code)


def _published(definition: Definition, time: str) -> Definition:
    from catalog_builder.times import from_stac

    try:
        return definition.model_copy(update={"as_of": from_stac(time)})
    except ValueError as error:
        raise click.BadParameter(
            tell(N_("{time} is not a time like 2026-05-31T08:00:00Z.")).format(time=time), param_hint="--as-of"
        ) from error


def _print(result: BuildResult, choices: BuildOptions) -> None:
    show_findings(result.findings)
    if choices.dry_run:
        say(N_("Would build {built}, reuse {reused}, withdraw {withdrawn}."), **_counts(result))
        for name in result.built:
            click.echo(f"  + {name} ({', '.join(tell(REASONS[r]) for r in result.reasons[name])})")
        for name in result.withdrawn:
            click.echo(f"  - {name}")
        return
    if not (result.built or result.reused):
        opt.say_empty(choices.archive)
    say(N_("{built} scenes built, {reused} unchanged, {quarantined} quarantined, {withdrawn} withdrawn."), **_counts(result))
    if result.refused:
        say(
            N_("Not published, because too many items would disappear. Release {release} with {items} items stays: {site}"),
            **_facts(result, choices),
        )
    elif result.changed:
        say(N_("Release {release} with {items} items for audience {audience}: {site}"), **_facts(result, choices))
    elif result.release:
        say(N_("Nothing to publish: release {release} with {items} items is up to date: {site}"), **_facts(result, choices))


def _counts(result: BuildResult) -> dict[str, int]:
    """A scene that was read and then put aside counts as quarantined, not as built."""
    return {
        "built": len(set(result.built) - set(result.quarantined)),
        "reused": result.reused,
        "quarantined": len(result.quarantined),
        "withdrawn": len(result.withdrawn),
    }


def _facts(result: BuildResult, choices: BuildOptions) -> dict[str, object]:
    return {"release": result.release, "items": result.items, "audience": choices.audience.value, "site": choices.site}


def _as_json(result: BuildResult, site: Path) -> dict[str, object]:
    return {
        "release": result.release,
        "changed": result.changed,
        "refused": result.refused,
        "items": result.items,
        "built": list(result.built),
        "reasons": {name: [r.value for r in why] for name, why in result.reasons.items()},
        "reused": result.reused,
        "quarantined": list(result.quarantined),
        "withdrawn": list(result.withdrawn),
        "site": str(site),
        "findings": [f.to_json() for f in result.findings],
    }
