"""A ready-to-fill override file for the scenes that need a fact from a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from catalog_builder.archive.delivery import Delivery
from catalog_builder.facts import Field
from catalog_builder.files import write_text
from catalog_builder.findings import Finding, printable
from catalog_builder.times import to_stac

ASKS = {
    "archive.no-date": ("acquired", '"2021-06-05"', "ngày chụp", "when it was taken"),
    "archive.date-impossible": ("acquired", '"2021-06-05"', "ngày chụp", "when it was taken"),
    "crs.missing": ("crs", '"EPSG:5899"', "hệ toạ độ", "coordinate reference system"),
}
"""Codes of findings that a person can answer: key of the override, an example, what it is in Vietnamese and English."""

HEADER = """\
# Thông tin do người cung cấp cho những cảnh còn thiếu. Với cảnh đã rõ: bỏ dấu # ở đầu các dòng bắt đầu bằng "#" liền chữ, điền giá trị,
# ghi ai cho biết và căn cứ vào đâu. Để nguyên cảnh nào thì cảnh đó vẫn chưa được xuất bản. Không đoán: chỉ ghi điều có tài liệu chứng minh.
#
# Facts supplied by people for scenes that lack them. For a scene that is known: remove the # from its lines that begin with # and no
# space, fill them in, say who knows it and from what. A scene left as it is stays unpublished. Do not guess: write what a document shows.
#
# acquired: "2021-06-05", "2021-06-05T03:12:34Z", "2021-06", "2021", "1965-01-01/1967-12-31"   crs: "EPSG:5899"
"""


class HasDeliveries(Protocol):
    """What the template needs of a scan."""

    @property
    def deliveries(self) -> tuple[Delivery, ...]: ...


def write_override_template(scan: HasDeliveries, path: Path, findings: Iterable[Finding] = ()) -> int:
    """Write to ``path`` one entry per delivery that needs a fact; give their number. Every line is a comment, so that the file may
    stand in a definition before anyone has filled it in.

    ``findings`` are those of later rooms (a missing CRS shows only when the raster is opened); those of the scan are known.
    """
    later: dict[str, list[Finding]] = {}
    for finding in findings:
        later.setdefault(finding.subject, []).append(finding)
    entries = [entry for d in scan.deliveries if (entry := _entry(d, later)) is not None]
    write_text(path, "\n".join([HEADER, *entries]))
    return len(entries)


def _entry(delivery: Delivery, later: dict[str, list[Finding]]) -> str | None:
    subjects = [delivery.id, delivery.origin, *(f.name for f, _ in delivery.files)]
    findings = [*delivery.findings, *(f for s in subjects for f in later.get(s, ()))]
    asked = {f.code: f for f in findings if f.code in ASKS}
    asked |= {f.code: f for f in findings if f.code.startswith("crs.") and f.code not in ASKS}
    keys = {ASKS.get(code, ASKS["crs.missing"])[0]: code for code in sorted(asked)}
    if not keys:
        return None
    lines = [f"# {_plain(delivery.id)} ({delivery.format})", *(f"#   {line}" for line in _known(delivery))]
    lines += ["#[[override]]", f"#path = {_string(_pattern(delivery))}"]
    lines += ['#by = ""      # ai cho biết / who knows it', "#on = 2026-01-31   # ngày ghi / when written"]
    lines += ['#reason = ""  # căn cứ / from which document']
    for key, code in keys.items():
        _, example, vi, en = ASKS.get(code, ASKS["crs.missing"])
        lines += [f"# {_plain(asked[code].message('vi'))}", f"# {_plain(asked[code].message('en'))}"]
        lines += [f"#{key} = {example}   # {vi} / {en}"]
    return "\n".join(lines) + "\n"


def _pattern(delivery: Delivery) -> str:
    """A path that matches this scene alone: its first raster, else its first file, with the signs of patterns made plain."""
    files: Sequence[str] = [f.name for r in delivery.rasters for f in r.tiles] or [f.name for f, _ in delivery.files] or [delivery.origin]
    return "".join(f"[{c}]" if c in "*?[" else c for c in files[0])


def _known(delivery: Delivery) -> list[str]:
    acquired = delivery.facts.acquired
    known = [f"{c.field.value} = {_plain(str(c.value))}  ({_plain(str(c.source))})" for c in delivery.facts if c.field in _TOLD]
    if acquired is not None:
        known.insert(0, f"acquired = {to_stac(acquired.start)} ({acquired.precision.value})")
    return [*known, *(f"file: {_plain(f.name)} ({f.size} B)" for f, _ in delivery.files[:10])]


_TOLD = frozenset({Field.SCENE_NAME, Field.PLATFORM, Field.PRODUCT_ID, Field.DECLARED_CRS, Field.GSD, Field.PRODUCED, Field.MAP_SHEET})


def _plain(text: str) -> str:
    return printable(text, limit=300)


def _string(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)
