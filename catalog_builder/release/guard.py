"""The last look before a release is served: nothing of a scene that the audience may not see is named anywhere in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from catalog_builder.errors import EnvironmentProblem
from catalog_builder.release.findings import LEAK
from catalog_builder.release.write import ReleaseWriter
from catalog_builder.store import Record

TEXT_SUFFIXES = frozenset({".json", ".html", ".xml", ".txt", ".csv", ".geojson", ".js"})


def refuse_leaks(writer: ReleaseWriter, hidden: Iterable[Record]) -> None:
    """Search every text of the staged release for the ids of hidden scenes and their files' checksums in the file list.

    Raises:
        EnvironmentProblem: a name or file of a hidden scene is in the release; nothing has been published.
    """
    secrets = {record.id: record.access.value for record in hidden}
    if not secrets:
        return
    own = {checksum for record in hidden for _, _, checksum in record.files}
    needles = [(name.encode(), name, access) for name, access in sorted(secrets.items())]
    for path, (_, checksum) in writer.files.items():
        if checksum in own and any(name in path for name in secrets):
            raise EnvironmentProblem(LEAK(path, path=path, name=path, access="hidden"))
        if Path(path).suffix in TEXT_SUFFIXES:
            data = writer.path(path).read_bytes()
            for needle, name, access in needles:
                if needle in data:
                    raise EnvironmentProblem(LEAK(path, path=path, name=name, access=access))
