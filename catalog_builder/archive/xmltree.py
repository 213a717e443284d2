"""Reading vendor XML that may be broken or hostile: no DTD, no entities, no network, bounded size, provenance kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from catalog_builder.archive.delivery import ArchiveFile
from catalog_builder.archive.findings import METADATA_TOO_LARGE, METADATA_UNREADABLE, XML_ENTITIES
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Claim, Field, Origin, Source

MAX_XML_BYTES = 64 * 1024 * 1024
"""The largest vendor XML seen is 0.7 MB, SAFE annotations reach a few MB; beyond this a file is refused unread."""

MAX_ATTRIBUTE = 100_000
"""Characters of one value beyond which it is not metadata any more."""

UNKNOWN = frozenset({"", "n/a", "na", "none", "null", "unknown", "undefined", "not available", "not applicable", "-", "--", "tbd"})
"""Spellings of "no value" in vendor files (case-insensitive)."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed XML file. Paths are written without namespaces: ``Dataset_Id/DATASET_NAME``; ``//`` searches anywhere, ``.`` is here."""

    file: ArchiveFile
    root: etree._Element

    @property
    def root_name(self) -> str:
        return str(etree.QName(self.root).localname)

    def all(self, path: str, start: etree._Element | None = None) -> list[etree._Element]:
        """Every element at ``path`` below ``start`` (default: below the root; a leading ``//`` means any depth)."""
        found = _xpath(path)(self.root if start is None else start)
        return [e for e in found if isinstance(e, etree._Element)] if isinstance(found, list) else []

    def text(self, path: str, start: etree._Element | None = None) -> str | None:
        """The text of the first element at ``path`` that says something; None for absent, empty and "N/A" alike.

        ``a/b/@c`` reads an attribute.
        """
        path, _, attribute = path.partition("/@")
        for element in self.all(path, start):
            value = element.get(attribute) if attribute else "".join(str(t) for t in element.itertext())
            value = (value or "").strip()
            if value.lower() not in UNKNOWN and len(value) < MAX_ATTRIBUTE:
                return value
        return None

    def number(self, path: str, start: etree._Element | None = None) -> float | None:
        """The first number at ``path``; None when there is none or it is one of the vendors' "unknown" numbers."""
        text = self.text(path, start)
        return None if text is None else to_number(text)

    def source(self, path: str) -> Source:
        return Source(Origin.METADATA, self.file.name, path)

    def claim(self, field: Field, value: object, path: str) -> Claim | None:
        """A claim that this file makes at ``path``; None when ``value`` is None, so callers can list claims plainly."""
        return None if value is None else Claim(field, value, self.source(path))


def parse_xml(file: ArchiveFile) -> Tree:
    """Parse ``file``.

    Raises:
        UnreadableDelivery: not XML, too large, or with a document type that declares entities.
    """
    if file.size > MAX_XML_BYTES:
        raise UnreadableDelivery(METADATA_TOO_LARGE(file.name, size=file.size, limit=MAX_XML_BYTES))
    data = file.path.read_bytes()
    if b"<!ENTITY" in data[: 1 << 20]:
        raise UnreadableDelivery(XML_ENTITIES(file.name))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as first:
        root = _second_try(data, file, str(first))
    return Tree(file, root)


def root_name(file: ArchiveFile) -> str | None:
    """The local name of the root element, from the first bytes alone; None when ``file`` does not look like XML."""
    head = file.head(8192)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    head = re.sub(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\])?\s*>", b"", head, flags=re.DOTALL)
    match = re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:[\w.-]+:)?([\w.-]+)[\s>/]", head)
    return match.group(1).decode() if match else None


def to_number(text: str) -> float | None:
    """The finite number at the start of ``text``, or None. Unknowns of one field (999 for cloud, -1) are the caller's to know."""
    try:
        value = float(text.replace(",", ".").split()[0]) if text.strip() else None
    except ValueError:
        return None
    return value if value is not None and abs(value) < 1e18 else None


def _second_try(data: bytes, file: ArchiveFile, problem: str) -> etree._Element:
    """Files that lie about their encoding (Latin-1 bytes declared as UTF-8) are read as Latin-1, and prefixes that nobody
    declared are declared; others are unreadable."""
    body = re.sub(rb"^\s*<\?xml.*?\?>", b"", data, count=1, flags=re.DOTALL).rstrip(b"\x00").lstrip()
    if "Namespace prefix" in problem:
        body = _declare_prefixes(body)
    for encoding in ("utf-8", "latin-1"):
        try:
            text = body.decode(encoding)
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            return etree.fromstring(text, parser)
        except (UnicodeDecodeError, etree.XMLSyntaxError):
            continue
    raise UnreadableDelivery(METADATA_UNREADABLE(file.name, problem=problem))


def _declare_prefixes(body: bytes) -> bytes:
    """``body`` with every namespace prefix that is used and not declared declared on the root element."""
    used = {*re.findall(rb"<([A-Za-z][\w.-]*):", body), *re.findall(rb"\s([A-Za-z][\w.-]*):[\w.-]+\s*=", body)}
    declared = {b"xml", b"xmlns", *re.findall(rb"xmlns:([\w.-]+)\s*=", body)}
    extra = b"".join(b' xmlns:%b="urn:undeclared:%b"' % (p, p) for p in sorted(used - declared))
    return re.sub(rb"<[A-Za-z][\w.:-]*", lambda m: m.group() + extra, body, count=1)


def _xpath(path: str) -> etree.XPath:
    anywhere = path.startswith("//")
    steps = [s for s in path.removeprefix("//").split("/") if s not in ("", ".")]
    body = "/".join("*" if s == "*" else f"*[local-name()='{s}']" for s in steps)
    return etree.XPath(("descendant-or-self::*/" if anywhere else "./") + body) if body else etree.XPath(".")
