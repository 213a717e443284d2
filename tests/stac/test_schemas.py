"""The schema store: what is here, what is refused, what is fetched, without a network by itself."""

from __future__ import annotations

import hashlib
import http.server
import pickle
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from catalog_builder.stac import schemas
from catalog_builder.stac.extensions import PREFIXES, UNPREFIXED, extension_files
from catalog_builder.stac.schemas import CORE_SCHEMAS, SchemaStore, add_folder, fetch_missing, mirror_path, pins
from tests.serving import serving

EO = PREFIXES["eo"]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    schemas.refresh()
    yield
    schemas.refresh()


def test_installed_packages_carry_core_geojson_projjson_and_our_own() -> None:
    store = SchemaStore(())
    here = {u for u in store.pinned() if store.has(u)}
    assert {*CORE_SCHEMAS.values(), schemas._PROJJSON, *schemas._GEOJSON, PREFIXES["vn"], PREFIXES["cb"]} <= here
    assert store.findings() == () and not SchemaStore((), installed=False).has(CORE_SCHEMAS["Feature"])


def test_every_extension_we_write_is_pinned_or_ours() -> None:
    used = {*PREFIXES.values(), *UNPREFIXED.values()}
    assert {u for u in used if u not in pins()} == {PREFIXES["vn"], PREFIXES["cb"]}
    assert used <= set(SchemaStore(()).pinned())


def test_our_schemas_are_published_under_their_address() -> None:
    for path, data in extension_files():
        assert data.startswith(b"{") and path.startswith("schemas/") and path.endswith("/v1.0.0/schema.json")
        assert f"https://w3id.org/catalog-builder/{path.removeprefix('schemas/')}" in PREFIXES.values()


def test_a_schema_with_other_bytes_is_refused(tmp_path: Path) -> None:
    place = tmp_path / mirror_path(EO)
    place.parent.mkdir(parents=True)
    place.write_text('{"$schema": "http://json-schema.org/draft-07/schema#"}')
    store = SchemaStore((tmp_path,))
    assert not store.has(EO)
    assert [(f.code, f.params["uri"]) for f in store.findings()] == [("stac.schema-changed", EO)]


def test_what_is_no_schema_is_refused(tmp_path: Path) -> None:
    for name, text in (("a", "{"), ("b", "[]"), ("c", "{}")):
        place = tmp_path / "example.org" / name / "schema.json"
        place.parent.mkdir(parents=True)
        place.write_text(text)
    (tmp_path / "index.json").write_text("{}")
    store = SchemaStore((tmp_path,))
    assert [f.code for f in store.findings()] == ["stac.schema-unreadable"] * 3


def test_the_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(schemas.FOLDER_VARIABLE, f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    assert SchemaStore.default().folders == (tmp_path / "a", tmp_path / "b")
    monkeypatch.delenv(schemas.FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert SchemaStore.default().folders == (tmp_path / "catalog-builder" / "schemas",)


def test_a_store_crosses_processes() -> None:
    store = SchemaStore((Path("x"),))
    assert pickle.loads(pickle.dumps(store)) == store


@pytest.mark.shared
def test_adding_a_folder_makes_the_store_complete(shared: Path, tmp_path: Path) -> None:
    store = SchemaStore((tmp_path / "mine",))
    assert not store.has(EO)
    added, findings = add_folder(shared / "schemas", store)
    assert EO in added and [f for f in findings if f.code != "stac.schema-unpinned"] == []
    assert [u for u in store.pinned() if not store.has(u)] == []
    assert hashlib.sha256((tmp_path / "mine" / mirror_path(EO)).read_bytes()).hexdigest() == pins()[EO]


@pytest.mark.shared
def test_schemas_are_known_by_their_bytes_whatever_their_names(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "eo (1).json").write_bytes((shared / "schemas" / mirror_path(EO)).read_bytes())
    (tmp_path / "usb" / "notes.json").write_text("{}")
    store = SchemaStore((tmp_path / "mine",))
    assert add_folder(tmp_path / "usb", store) == ([EO], [])
    assert store.has(EO)


def test_an_unpinned_schema_is_taken_and_said(tmp_path: Path) -> None:
    place = tmp_path / "usb" / "example.org" / "x" / "v1.0.0" / "schema.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}')
    store = SchemaStore((tmp_path / "mine",))
    added, findings = add_folder(tmp_path / "usb", store)
    assert added == ["https://example.org/x/v1.0.0/schema.json"] and [f.code for f in findings] == ["stac.schema-unpinned"]
    assert store.has(added[0])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A mirror of schemas on loopback: its address and its folder."""
    folder = tmp_path / "mirror"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return None

    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))) as address:
        yield address.rstrip("/"), folder


@pytest.mark.shared
@pytest.mark.service
def test_fetching_from_a_mirror_takes_right_bytes_only(
    server: tuple[str, Path], shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, folder = server
    monkeypatch.setenv(schemas.MIRROR_VARIABLE, address + "/")
    view = PREFIXES["view"]
    for uri in (EO, view):
        (folder / mirror_path(uri)).parent.mkdir(parents=True)
        (folder / mirror_path(uri)).write_bytes((shared / "schemas" / mirror_path(uri)).read_bytes())
    (folder / mirror_path(view)).write_text("{}")
    store = SchemaStore((tmp_path / "mine",))
    added, findings = fetch_missing(store)
    assert added == [EO] and store.has(EO)
    told = {f.params["uri"]: f.code for f in findings}
    assert told[view] == "stac.schema-changed" and told[PREFIXES["sat"]] == "stac.schema-not-fetched"
    assert not (tmp_path / "mine" / mirror_path(view)).exists()


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/x"])
def test_only_web_addresses_are_fetched(address: str) -> None:
    with pytest.raises(ValueError, match="not a web address"):
        schemas._download(address)


@pytest.mark.shared
def test_a_package_that_carries_extension_schemas_is_used_where_it_is_installed(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "rashid" / "_schemas" / "extensions" / mirror_path(EO)
    place.parent.mkdir(parents=True)
    place.write_bytes((shared / "schemas" / mirror_path(EO)).read_bytes())
    (tmp_path / "rashid" / "__init__.py").touch()
    assert not SchemaStore(()).has(EO)
    monkeypatch.syspath_prepend(str(tmp_path))
    schemas.refresh()
    assert SchemaStore(()).has(EO)
