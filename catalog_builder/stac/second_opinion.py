"""The independent validator stac-valid (the maintained stac-validator), fed with the schemas of our store instead of the network.

It knows nothing of this product, which is the point. It is slow (tens of objects a second), so ``check`` asks it only on request.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from stac_validator.validate import StacValidate

from catalog_builder.files import read_json, write_json
from catalog_builder.findings import Finding
from catalog_builder.stac.findings import SCHEMA_MISSING, SECOND_OPINION
from catalog_builder.stac.schemas import SchemaStore


def second_opinion(root: Path, paths: Iterable[str], store: SchemaStore) -> Iterator[Finding]:
    """What stac-valid finds wrong with the STAC objects at ``paths`` below ``root``.

    An object that needs a schema which is not in the store is reported, not sent to the network.
    """
    with tempfile.TemporaryDirectory() as folder:
        known = {}
        for number, (uri, document) in enumerate(store.documents().items()):
            known[uri] = str(write_json(Path(folder) / f"{number}.json", document).path)
        for path in paths:
            missing = [u for u in read_json(root / path).get("stac_extensions", []) if u not in known]
            if missing:
                yield from (SCHEMA_MISSING(uri, uri=uri) for uri in missing)
            else:
                yield from _judge(root / path, path, known)


def _judge(file: Path, subject: str, known: dict[str, str]) -> Iterator[Finding]:
    checker = StacValidate(str(file), schema_map=known)
    with contextlib.redirect_stdout(io.StringIO()):
        checker.run()
    for message in checker.message:
        if not message.get("valid_stac"):
            problem = message.get("error_message") or message.get("error_type") or "?"
            yield SECOND_OPINION(subject, problem=str(problem))
