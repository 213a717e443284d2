"""``catalog-builder serve``."""

from __future__ import annotations

from pathlib import Path

import click

from catalog_builder.cli import options as opt
from catalog_builder.cli.output import say
from catalog_builder.cli.speech import command as declare
from catalog_builder.cli.speech import option
from catalog_builder.i18n import N_


@declare(
    "serve",
    help=N_(
        "Look at the built site of DEFINITION (or of a release folder) in a browser, with byte ranges. For preview, not for the public."
    ),
    example="catalog-builder serve catalog/demo --port 8000",
)
@opt.definition_argument
@opt.site_option
@option("--host", metavar=N_("ADDRESS"), default="127.0.0.1", show_default=True, help=N_("Address to listen on."))
@option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help=N_("Port; 0 takes a free one."))
def command(definition: Path, site: Path | None, host: str, port: int) -> None:
    from catalog_builder.definition import load_definition
    from catalog_builder.preview import make_server

    root = definition if (definition / "release.json").is_file() else opt.site_path(load_definition(definition), site)
    with make_server(root, host, port) as server:
        say(N_("Serving {root} at http://{host}:{port}/  (Ctrl+C stops)"), root=root, host=host, port=server.server_address[1])
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say(N_("Stopped."))
