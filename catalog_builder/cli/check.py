"""``catalog-builder check``."""

from __future__ import annotations

from pathlib import Path

import click

from catalog_builder.cli import options as opt
from catalog_builder.cli.output import language, print_json, say, show_findings
from catalog_builder.cli.speech import argument, option
from catalog_builder.cli.speech import command as declare
from catalog_builder.findings import Severity
from catalog_builder.i18n import N_


@declare(
    "check",
    help=N_("Check a release (or the site of a definition, or any STAC tree): schemas, profile, links, bytes and, on request, pixels."),
    example="catalog-builder check build/demo/site --pixels",
)
@argument(
    "tree",
    N_("TREE"),
    type=click.Path(path_type=Path, exists=True),
    help=N_("Folder with catalog.json (a release, a STAC tree), or a definition whose site is meant."),
)
@option("--site", type=click.Path(path_type=Path, file_okay=False), help=N_("Served tree when TREE is a definition; overrides paths.site."))
@option("--pixels", is_flag=True, help=N_("Also decode every COG and compare its pixel checksums with the items."))
@option("--second-opinion", is_flag=True, help=N_("Also have the independent validator stac-valid judge every object (slow)."))
@opt.json_option
def command(tree: Path, site: Path | None, pixels: bool, second_opinion: bool, as_json: bool) -> None:
    from catalog_builder.check import check_tree
    from catalog_builder.definition import load_definition
    from catalog_builder.progress import Progress

    root = opt.site_path(load_definition(tree), site) if (tree / "catalog.toml").is_file() else tree
    report = check_tree(root, pixels=pixels, progress=Progress(quiet=as_json, language=language()), ask_stac_valid=second_opinion)
    if as_json:
        print_json({"objects": report.objects, "files": report.files, "findings": [f.to_json() for f in report.findings]})
    else:
        show_findings(report.findings)
        say(
            N_("{objects} STAC objects and {files} files checked, {count} findings."),
            objects=report.objects,
            files=report.files,
            count=len(report.findings),
        )
    raise click.exceptions.Exit(1 if any(f.severity is Severity.ERROR for f in report.findings) else 0)
