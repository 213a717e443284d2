"""``catalog-builder check``."""

from __future__ import annotations

from pathlib import Path

import click

from catalog_builder.check import check_tree
from catalog_builder.cli import options as opt
from catalog_builder.cli.output import language, print_json, say, show_findings
from catalog_builder.definition import load_definition
from catalog_builder.findings import Severity
from catalog_builder.i18n import N_
from catalog_builder.progress import Progress


@click.command("check")
@click.argument("tree", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--site", type=click.Path(path_type=Path, file_okay=False), help="Served tree when TREE is a definition; overrides paths.site."
)
@click.option("--pixels", is_flag=True, help="Also decode every COG and compare its pixel checksums with the items.")
@click.option("--second-opinion", is_flag=True, help="Also have the independent validator stac-valid judge every object (slow).")
@opt.json_option
def command(tree: Path, site: Path | None, pixels: bool, second_opinion: bool, as_json: bool) -> None:
    """Check a release (or the site of a definition, or any STAC tree): schemas, profile, links, bytes and, on request, pixels.

    \b
    Example:
      catalog-builder check build/demo/site --pixels
    """
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
