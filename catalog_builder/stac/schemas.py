"""The schema store: JSON schemas by address, each with pinned bytes, on a machine that may have no internet.

Sources, in this order: our own extension, packages that are installed anyway (pystac carries STAC core and GeoJSON, pyproj carries
PROJJSON, rashid some extensions), and folders that mirror addresses (``stac-extensions.github.io/eo/v2.0.0/schema.json``), filled by
``catalog-builder schemas fetch|add``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pyproj.datadir

from catalog_builder.files import write_bytes
from catalog_builder.findings import Finding
from catalog_builder.prepared import read_toml
from catalog_builder.resources import data_dir
from catalog_builder.stac.extensions import OWN_NAMESPACES, PREFIXES, STAC_VERSION, UNPREFIXED, own_schema_path
from catalog_builder.stac.findings import SCHEMA_CHANGED, SCHEMA_NOT_FETCHED, SCHEMA_UNPINNED, SCHEMA_UNREADABLE
from catalog_builder.stac.model import Json

FOLDER_VARIABLE = "CATALOG_BUILDER_SCHEMAS"
"""Environment variable: folders of schemas, separated like PATH; the first one is written to."""

MIRROR_VARIABLE = "CATALOG_BUILDER_SCHEMA_MIRROR"
"""Environment variable: base address of a mirror that ``schemas fetch`` uses instead of the published addresses."""

LARGEST_SCHEMA = 5_000_000
"""Bytes; the largest schema in use (PROJJSON) has 48 kB."""

TIMEOUT_S = 30

CORE = f"https://schemas.stacspec.org/v{STAC_VERSION}"
CORE_SCHEMAS: Mapping[str, str] = {
    "Feature": f"{CORE}/item-spec/json-schema/item.json",
    "Collection": f"{CORE}/collection-spec/json-schema/collection.json",
    "Catalog": f"{CORE}/catalog-spec/json-schema/catalog.json",
}
"""Type of a STAC object -> its core schema."""

_ITEM_PARTS = ("bands", "basics", "common", "data-values", "datetime", "instrument", "licensing", "provider")
_PROJJSON = "https://proj.org/schemas/v0.7/projjson.schema.json"
_GEOJSON = ("https://geojson.org/schema/Feature.json", "https://geojson.org/schema/Geometry.json")


@dataclass(frozen=True, slots=True)
class SchemaStore:
    """Schemas of this machine; ``folders`` mirror addresses, ``installed`` also looks into installed packages. Cheap to pickle."""

    folders: tuple[Path, ...] = ()
    installed: bool = True

    @classmethod
    def default(cls) -> SchemaStore:
        """The store of this user: folders from ``CATALOG_BUILDER_SCHEMAS``, else the user's data folder."""
        return cls(_user_folders())

    def pinned(self) -> tuple[str, ...]:
        """Addresses of all schemas that this version's items, collections and catalogues can need, sorted."""
        parts = [f"{CORE}/item-spec/json-schema/{name}.json" for name in _ITEM_PARTS]
        return tuple(sorted({*CORE_SCHEMAS.values(), *parts, *_GEOJSON, _PROJJSON, *PREFIXES.values(), *UNPREFIXED.values()}))

    def has(self, uri: str) -> bool:
        """Whether the schema is here with the right bytes."""
        return uri in self.documents()

    def documents(self) -> Mapping[str, Json]:
        """Every usable schema by address."""
        return _load(self)[0]

    def findings(self) -> Sequence[Finding]:
        """Schemas that are here but were refused."""
        return _load(self)[1]


def user_folders() -> list[Path]:
    """Folders from the environment, else ``catalog-builder/schemas`` below the user's data folder (XDG base directories)."""
    return list(_user_folders())


def _user_folders() -> tuple[Path, ...]:
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111 - asked for every item
    return _folders(os.environ.get(FOLDER_VARIABLE, ""), data)


@lru_cache(8)
def _folders(named: str, data: str) -> tuple[Path, ...]:
    if named:
        return tuple(Path(p) for p in named.split(os.pathsep) if p)
    return (Path(data).expanduser() / "catalog-builder" / "schemas",)


@cache
def pins() -> Mapping[str, str]:
    """Address -> SHA-256 (hex) of the schemas known to this version."""
    return dict(read_toml(data_dir() / "schema_pins.toml")["pins"])


def mirror_path(uri: str) -> str:
    """Where a folder of schemas keeps ``uri``: host and path."""
    parts = urlsplit(uri)
    return f"{parts.netloc}{parts.path}"


def refresh() -> None:
    """Forget what was read, after schemas were added."""
    _load.cache_clear()


@cache
def _load(store: SchemaStore) -> tuple[Mapping[str, Json], tuple[Finding, ...]]:
    documents: dict[str, Json] = {}
    findings: list[Finding] = []
    for uri, path in _candidates(store):
        if uri in documents:
            continue
        judged = _judge(uri, path)
        if isinstance(judged, Finding):
            findings.append(judged)
        else:
            documents[uri] = judged
    return documents, tuple(findings)


def _judge(uri: str, path: Path) -> Json | Finding:
    data = path.read_bytes()
    expected, found = pins().get(uri), hashlib.sha256(data).hexdigest()
    if expected is not None and found != expected:
        return SCHEMA_CHANGED(uri, uri=uri, file=path.name, found=found, expected=expected)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return SCHEMA_UNREADABLE(uri, uri=uri, file=path.name, problem=str(error))
    if not isinstance(document, dict) or not isinstance(document.get("$schema"), str):
        return SCHEMA_UNREADABLE(uri, uri=uri, file=path.name, problem="not a JSON schema")
    return document


def _candidates(store: SchemaStore) -> Iterator[tuple[str, Path]]:
    """Address and file of every schema there is, most trusted source first."""
    for prefix in OWN_NAMESPACES:
        yield PREFIXES[prefix], own_schema_path(prefix)
    found = [*_installed()] if store.installed else []
    for folder in store.folders:
        found += _in_folder(folder)
    yield from ((uri, path) for uri, path in found if path.is_file())


def _installed() -> Iterator[tuple[str, Path]]:
    pystac = _package_folder("pystac")
    if pystac is not None:
        core = pystac / "validation" / "jsonschemas"
        stac = core / "stac-spec" / f"v{STAC_VERSION}"
        yield from ((uri, stac / uri.rsplit("/", 1)[-1]) for uri in CORE_SCHEMAS.values())
        yield from ((f"{CORE}/item-spec/json-schema/{name}.json", stac / f"{name}.json") for name in _ITEM_PARTS)
        yield from ((uri, core / "geojson" / uri.rsplit("/", 1)[-1]) for uri in _GEOJSON)
    yield _PROJJSON, Path(pyproj.datadir.get_data_dir()) / "projjson.schema.json"
    rashid = _package_folder("rashid")
    if rashid is not None:
        yield from _in_folder(rashid / "_schemas" / "extensions")


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _in_folder(folder: Path) -> Iterator[tuple[str, Path]]:
    """Pinned and unpinned schemas of a mirror folder."""
    for path in sorted(folder.rglob("*.json")) if folder.is_dir() else ():
        relative = path.relative_to(folder).as_posix()
        host, slash, _ = relative.partition("/")
        if slash and "." in host:
            yield f"https://{relative}", path


def add_folder(folder: Path, store: SchemaStore | None = None) -> tuple[list[str], list[Finding]]:
    """Copy the schemas in ``folder``, whatever its layout, into the first folder of ``store``; (added addresses, findings).

    A file is known by its bytes. A file that stands where a pinned schema should but has other bytes is refused; a schema that
    nobody has pinned is taken, and said so, when the layout tells its address.
    """
    target = _writable(store or SchemaStore.default())
    by_hash: dict[str, list[str]] = {}
    for uri, digest in pins().items():
        by_hash.setdefault(digest, []).append(uri)
    mirrored = {path: uri for uri, path in _in_folder(folder)}
    added: list[str] = []
    findings: list[Finding] = []
    for path in sorted(p for p in folder.rglob("*.json") if p.is_file() and p.stat().st_size <= LARGEST_SCHEMA):
        data = path.read_bytes()
        uris = by_hash.get(hashlib.sha256(data).hexdigest(), [])
        stated = mirrored.get(path)
        if not uris and stated is not None:
            judged = _judge(stated, path)
            if isinstance(judged, Finding):
                findings.append(judged)
            else:
                findings.append(SCHEMA_UNPINNED(stated, uri=stated))
                uris = [stated]
        for uri in uris:
            write_bytes(target / mirror_path(uri), data)
            added.append(uri)
    refresh()
    return sorted(set(added)), findings


def fetch_missing(store: SchemaStore | None = None) -> tuple[list[str], list[Finding]]:
    """Download every schema of :meth:`SchemaStore.pinned` that is not here; (added addresses, findings)."""
    chosen = store or SchemaStore.default()
    target = _writable(chosen)
    mirror = os.environ.get(MIRROR_VARIABLE, "").rstrip("/")
    added: list[str] = []
    findings: list[Finding] = []
    for uri in (u for u in chosen.pinned() if not chosen.has(u)):
        try:
            data = _download(f"{mirror}/{mirror_path(uri)}" if mirror else uri)
        except (OSError, ValueError, urllib.error.URLError) as error:
            findings.append(SCHEMA_NOT_FETCHED(uri, uri=uri, problem=str(error)))
            continue
        found = hashlib.sha256(data).hexdigest()
        if found != pins()[uri]:
            findings.append(SCHEMA_CHANGED(uri, uri=uri, file=uri, found=found, expected=pins()[uri]))
            continue
        write_bytes(target / mirror_path(uri), data)
        added.append(uri)
    refresh()
    return added, findings


def _download(address: str) -> bytes:
    """The bytes at an http(s) address.

    Raises:
        ValueError: another scheme, or more bytes than a schema has.
        OSError: the network says no.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(f"not a web address: {address}")
    with urllib.request.urlopen(address, timeout=TIMEOUT_S) as response:
        data: bytes = response.read(LARGEST_SCHEMA + 1)
    if len(data) > LARGEST_SCHEMA:
        raise ValueError("larger than any schema")
    return data


def _writable(store: SchemaStore) -> Path:
    return store.folders[0] if store.folders else user_folders()[0]
