"""``catalog-builder serve``."""

from __future__ import annotations

from pathlib import Path

import click

from catalog_builder.cli import options as opt
from catalog_builder.cli.output import say
from catalog_builder.definition import load_definition
from catalog_builder.i18n import N_
from catalog_builder.preview import make_server


@click.command("serve")
@opt.definition_argument
@click.option("--site", type=click.Path(path_type=Path, file_okay=False), help="Served tree; overrides paths.site.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes a free one.")
def command(definition: Path, site: Path | None, host: str, port: int) -> None:
    """Look at the built site of DEFINITION (or of a release folder) in a browser, with byte ranges. For preview, not for the public.

    \b
    Example:
      catalog-builder serve catalog/demo --port 8000
    """
    root = definition if (definition / "release.json").is_file() else opt.site_path(load_definition(definition), site)
    with make_server(root, host, port) as server:
        say(N_("Serving {root} at http://{host}:{port}/  (Ctrl+C stops)"), root=root, host=host, port=server.server_address[1])
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say(N_("Stopped."))
