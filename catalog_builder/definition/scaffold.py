"""A new definition: small, commented in both languages, and already buildable."""

from __future__ import annotations

import json
from pathlib import Path

from catalog_builder.definition.findings import EXISTS
from catalog_builder.definition.model import Localised
from catalog_builder.errors import UsageError
from catalog_builder.files import write_text

_CATALOG = """\
# Danh mục ảnh viễn thám / Imagery catalogue. Mọi khoá đều có chú thích / every key is explained.
id = {id}
title = {{ vi = {title_vi}, en = {title_en} }}
description = {{ vi = {title_vi}, en = {title_en} }}
languages = ["vi", "en"]            # ngôn ngữ đầu tiên là mặc định / the first one is the default

# public_address = "https://…"      # địa chỉ công bố; bỏ trống nếu chạy trên mạng nội bộ / public address, if there is one

default_access = "internal"         # chưa rõ thì coi là nội bộ / unknown means internal
fallback_collection = "unsorted"    # nơi chứa cảnh chưa xếp loại / where scenes go that match no collection

[paths]
archive = ["archive"]               # thư mục ảnh, chỉ đọc / folders of deliveries, never written to
store = "store"                     # COG và STAC item / COGs and items
site = "site"                       # trang công bố / the served tree

[site]
item_pages = "static"               # "on-demand": trình duyệt dựng trang cảnh / scene pages are built in the browser
"""

_COLLECTION = """\
# Một bộ dữ liệu / one collection. Thêm tệp khác cho bộ khác / add a file per collection.
title = {{ vi = "Chưa xếp loại", en = "Unsorted" }}
description = {{ vi = "Các cảnh chưa được xếp vào bộ dữ liệu nào.", en = "Scenes that no collection has taken yet." }}
license = {licence}                 # SPDX, hoặc / or "other" + license_url
access = "internal"                 # public | internal | restricted

# [[match]]                         # cảnh nào thuộc bộ này / which deliveries belong here
# platform = ["Sentinel-2A", "Sentinel-2B"]
# path = ["sentinel2/*"]
"""

_OVERRIDES = """\
# Thông tin do người bổ sung cho những cảnh còn thiếu / facts people supply for deliveries that lack them.
# Tạo sẵn bằng / prepared by: catalog-builder scan DEFINITION --write-overrides DEFINITION/overrides/disk1.toml
#
# [[override]]
# path = "scans/KD_7156*"
# acquired = "1967"                 # ngày, tháng, năm hoặc khoảng / a date, month, year or "start/end"
# crs = "EPSG:5899"
# by = "Phòng Đo đạc, Bản đồ và Viễn thám"
# on = 2026-01-31
# reason = "Sổ bay chụp số 12"
"""


def scaffold(folder: Path, identifier: str, title: Localised, licence: str) -> list[Path]:
    """Write a new definition into ``folder``; the files made.

    Raises:
        UsageError: there is a definition already.
    """
    if (folder / "catalog.toml").exists():
        raise UsageError(EXISTS(str(folder), path=str(folder / "catalog.toml")))
    values = {"id": _quoted(identifier), "title_vi": _quoted(title["vi"]), "title_en": _quoted(title["en"]), "licence": _quoted(licence)}
    texts = {
        "catalog.toml": _CATALOG.format(**values),
        "collections/unsorted.toml": _COLLECTION.format(**values),
        "overrides/README.toml": _OVERRIDES,
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    (folder / "archive").mkdir(exist_ok=True)
    return [folder / name for name in texts]


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)
