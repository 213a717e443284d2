"""What the tags inside a raster say. Only tags whose meaning is certain are used; GDAL's IMAGERY domain is not among them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from catalog_builder.archive import sensors
from catalog_builder.archive.delivery import ArchiveFile, RasterKind
from catalog_builder.archive.filenames import FIRST_YEAR, LAST_YEAR, fold, platforms_in
from catalog_builder.archive.generic_findings import DATE_BEFORE_PLATFORM, NITF_CLASSIFIED, TAG_DATE_NOT_ACQUISITION
from catalog_builder.archive.rasterheader import RasterHeader
from catalog_builder.archive.rasterkind import scan_dpi
from catalog_builder.archive.xmltree import to_number
from catalog_builder.facts import Claim, Field, Origin, Source
from catalog_builder.findings import Finding
from catalog_builder.times import When, parse_iso

ACQUISITION_TAGS = frozenset(
    (
        "acquisition_date",
        "acquisition_time",
        "acquisition_datetime",
        "acquired",
        "date_acquired",
        "imaging_date",
        "imaging_time",
        "sensing_time",
    )
)
"""Names of tags, without signs and case, that say of themselves that they are the time of acquisition."""

GDAL_NITF_DATE = "20021216151629"
"""What GDAL writes into NITF dates when nobody gives it one (nitfcreate); it means nothing."""


def tag_claims(file: ArchiveFile, header: RasterHeader, kind: RasterKind) -> tuple[tuple[Claim, ...], tuple[Finding, ...]]:
    """Claims of TIFF, EXIF and NITF tags."""
    tags = header.tags
    found = [
        _claim(file, Field.SOFTWARE, _text(tags.get("TIFFTAG_SOFTWARE") or tags.get("EXIF_Software")), "TIFFTAG_SOFTWARE"),
        _claim(file, Field.PRODUCED, _written(tags.get("TIFFTAG_DATETIME")), "TIFFTAG_DATETIME"),
        _claim(file, Field.BIT_DEPTH, header.bits[0] if header.bits else None, "NBITS"),
        *_description(file, header),
        *_said_plainly(file, header),
    ]
    if kind is RasterKind.SCAN:
        found.append(_claim(file, Field.SCAN_DPI, scan_dpi(header), "TIFFTAG_XRESOLUTION"))
    else:
        found += _camera(file, header)
    findings: list[Finding] = []
    nitf, said = _nitf(file, header)
    return tuple(c for c in (*found, *nitf) if c is not None), tuple(findings + said)


def undated(file: ArchiveFile, header: RasterHeader) -> tuple[Finding, ...]:
    """For a scene that ends without a date: the tag date that was not used, so that a person can decide."""
    value = header.tags.get("TIFFTAG_DATETIME")
    return (TAG_DATE_NOT_ACQUISITION(file.name, tag="TIFFTAG_DATETIME", value=value),) if value else ()


def check_date_of_platform(file: ArchiveFile, tag: str, when: When, platform_name: str | None) -> Finding | None:
    """The finding that ``when`` lies before the launch of the platform; None while it can be true."""
    platform = sensors.platform(platform_name) if platform_name else None
    if platform is None or platform.launched is None or (when.end or when.start).date() >= platform.launched:
        return None
    return DATE_BEFORE_PLATFORM(
        file.name, tag=tag, value=when.start.date().isoformat(), platform=platform.name, launch=platform.launched.isoformat()
    )


def _description(file: ArchiveFile, header: RasterHeader) -> list[Claim | None]:
    """The processor of Sentinel-1 writes mission, mode and product into the image description; others may name the platform."""
    text = header.tags.get("TIFFTAG_IMAGEDESCRIPTION", "")[:500]
    claims = [_claim(file, Field.PLATFORM, name, "TIFFTAG_IMAGEDESCRIPTION") for name, _ in platforms_in(text)]
    match = re.match(r"Sentinel-1[A-D] (IW|EW|SM|WV) (SLC|GRD|OCN) L(\d)", text)
    if match:
        claims += [
            _claim(file, Field.SAR_MODE, match[1], "TIFFTAG_IMAGEDESCRIPTION"),
            _claim(file, Field.PRODUCT_TYPE, match[2], "TIFFTAG_IMAGEDESCRIPTION"),
            _claim(file, Field.PROCESSING_LEVEL, f"L{match[3]}", "TIFFTAG_IMAGEDESCRIPTION"),
            _claim(file, Field.SAR_BAND, "C", "TIFFTAG_IMAGEDESCRIPTION"),
        ]
    return claims


def _said_plainly(file: ArchiveFile, header: RasterHeader) -> list[Claim | None]:
    """Tags whose names leave no doubt: of processing chains (``acquisition_date``) and of ENVI headers (ENVI header fields)."""
    tags = header.tags
    claims: list[Claim | None] = []
    for key, value in tags.items():
        if fold(key.removeprefix("ENVI_")) in ACQUISITION_TAGS:
            claims.append(_claim(file, Field.ACQUIRED, _iso(value), key))
    platform = sensors.platform(tags.get("ENVI_sensor_type", ""))
    return [
        *claims,
        _claim(file, Field.PLATFORM, platform.name if platform else None, "ENVI_sensor_type"),
        _claim(file, Field.CLOUD_COVER, _number(tags.get("ENVI_cloud_cover"), 0, 100), "ENVI_cloud_cover"),
        _claim(file, Field.SUN_AZIMUTH, _number(tags.get("ENVI_sun_azimuth"), 0, 360), "ENVI_sun_azimuth"),
        _claim(file, Field.SUN_ELEVATION, _number(tags.get("ENVI_sun_elevation"), -90, 90), "ENVI_sun_elevation"),
    ]


def _camera(file: ArchiveFile, header: RasterHeader) -> list[Claim | None]:
    """A digital camera's EXIF: the time is UTC only with GPS time or an offset, else the camera's own clock gives the day."""
    tags = header.tags
    make, model = (_text(tags.get(f"EXIF_{key}")) for key in ("Make", "Model"))
    if not model:
        return []
    camera = model if make is None or model.startswith(make) else f"{make} {model}"
    when, tag = _gps_time(tags.get("EXIF_GPSDateStamp"), tags.get("EXIF_GPSTimeStamp")), "EXIF_GPSTimeStamp"
    if when is None:
        when, tag = _original(tags.get("EXIF_DateTimeOriginal"), tags.get("EXIF_OffsetTimeOriginal")), "EXIF_DateTimeOriginal"
    return [_claim(file, Field.ACQUIRED, when, tag), _claim(file, Field.CAMERA, camera, "EXIF_Model")]


def _nitf(file: ArchiveFile, header: RasterHeader) -> tuple[list[Claim | None], list[Finding]]:
    tags = header.tags
    if header.driver != "NITF":
        return [], []
    findings = []
    mark = next((tags[k] for k in ("NITF_FSCLAS", "NITF_ISCLAS") if tags.get(k, "U").strip() not in ("", "U")), None)
    if mark is not None:
        findings.append(NITF_CLASSIFIED(file.name, mark=mark))
    source = platforms_in(tags.get("NITF_ISORCE", "") + " " + tags.get("NITF_IID2", ""))
    claims = [_claim(file, Field.PLATFORM, name, "NITF_ISORCE") for name, _ in source]
    text = tags.get("NITF_IDATIM", "").strip()
    when = None
    if re.fullmatch(r"(?:19|20)\d{12}", text) and text != GDAL_NITF_DATE:
        when = _parse(text, "%Y%m%d%H%M%S")
    named = [name for name, _ in source or platforms_in(file.stem)]
    early = check_date_of_platform(file, "NITF_IDATIM", when, named[0] if named else None) if when else None
    if early is not None:
        return claims, [*findings, early]
    claims.append(_claim(file, Field.ACQUIRED, when, "NITF_IDATIM"))
    if text == GDAL_NITF_DATE:
        findings.append(TAG_DATE_NOT_ACQUISITION(file.name, tag="NITF_IDATIM", value=text))
    return claims, findings


def _gps_time(day: str | None, time: str | None) -> When | None:
    """GPS date ``2021:06:05`` and time ``(3) (12) (45.5)``, which are UTC by definition of EXIF."""
    numbers = re.findall(r"[\d.]+", time or "")
    date = _parse((day or "").strip(), "%Y:%m:%d")
    if date is None or len(numbers) != 3:
        return None
    seconds = float(numbers[0]) * 3600 + float(numbers[1]) * 60 + float(numbers[2])
    return When.instant(date.start + timedelta(seconds=seconds)) if seconds < 86400 else None


def _original(text: str | None, offset: str | None) -> When | None:
    moment = _parse((text or "").strip(), "%Y:%m:%d %H:%M:%S")
    if moment is None or moment.start.year < 1990:  # cameras without a set clock start at 1970 or 1980
        return None
    match = re.fullmatch(r"([+-])(\d\d):(\d\d)", (offset or "").strip())
    if match is None:
        return When.day(moment.start.year, moment.start.month, moment.start.day)
    shift = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return When.instant(moment.start - shift if match[1] == "+" else moment.start + shift)


def _written(text: str | None) -> When | None:
    """TIFFTAG_DATETIME: when the file was made, without a zone, so the day."""
    moment = _parse((text or "").strip(), "%Y:%m:%d %H:%M:%S")
    return None if moment is None else When.day(moment.start.year, moment.start.month, moment.start.day)


def _iso(text: str) -> When | None:
    """An ISO date or time between the first aerial surveys and a little after today; other spellings are not guessed at."""
    try:
        when = parse_iso(text.strip()[:40])
    except (ValueError, OverflowError):
        return None
    return when if FIRST_YEAR <= when.start.year <= LAST_YEAR else None


def _number(text: str | None, low: float, high: float) -> float | None:
    value = to_number(text) if text else None
    return value if value is not None and low <= value <= high else None


def _parse(text: str, form: str) -> When | None:
    try:
        return When.instant(datetime.strptime(text, form).replace(tzinfo=UTC))
    except ValueError:
        return None


def _text(value: str | None) -> str | None:
    value = (value or "").strip().strip("\x00")
    return value[:200] or None


def _claim(file: ArchiveFile, field: Field, value: object, tag: str) -> Claim | None:
    return None if value is None else Claim(field, value, Source(Origin.TAG, file.name, tag))
