"""The page that shows any scene in the browser: for catalogues of more scenes than a host can hold pages.

It is one file per language. Its script reads the item that the address names and fills in the facts; the words, the names of
registers and reference systems, and the tables of codes come from here, so that both kinds of pages say the same.
"""

from __future__ import annotations

from typing import Any

import orjson

from catalog_builder.i18n import N_
from catalog_builder.release.links import SCENE
from catalog_builder.release.model import Page
from catalog_builder.site import codes
from catalog_builder.site.frame import Link
from catalog_builder.site.grids import crs_name
from catalog_builder.site.pages.item_tables import COLOURED, MEDIA
from catalog_builder.site.reading import mapping, texts
from catalog_builder.site.registers import agency_name, licence, project_name, theme_name
from catalog_builder.site.site import Site
from catalog_builder.site.wording import MONTHS, Wording

WORDS = (
    N_("Acquired"),
    N_("{day} {time} Viet Nam time"),
    N_("{year}s"),
    N_("between {start} and {end}"),
    N_("Satellite or platform"),
    N_("Sensor"),
    N_("Imaging mode"),
    N_("Ground resolution"),
    N_("Cloud cover"),
    N_("class {name}"),
    N_("Processing level"),
    N_("supplier: {level}"),
    N_("Processing level of the supplier"),
    N_("Bands"),
    N_("{n} band"),
    N_("{n} bands"),
    N_("Bit depth"),
    N_("{n} bit"),
    N_("Size"),
    N_("Reference system"),
    N_("Managing agency"),
    N_("Place and geometry"),
    N_("West – east"),
    N_("South – north"),
    N_("Image centre"),
    N_("North-west corner"),
    N_("North-east corner"),
    N_("South-east corner"),
    N_("South-west corner"),
    N_("Map sheet number"),
    N_("Scale"),
    N_("Geometric accuracy (RMSE)"),
    N_("Grid tile"),
    N_("Geometry of the view"),
    N_("Incidence angle"),
    N_("Off-nadir angle"),
    N_("View azimuth"),
    N_("Sun elevation"),
    N_("Sun azimuth"),
    N_("Orbit direction"),
    N_("Absolute orbit"),
    N_("Relative orbit"),
    N_("Radar band"),
    N_("Polarisations"),
    N_("Scan and flight"),
    N_("Film roll"),
    N_("Frame"),
    N_("Camera"),
    N_("Photo scale"),
    N_("Flight height"),
    N_("Focal length"),
    N_("Scan resolution"),
    N_("Origin and management"),
    N_("Scene name"),
    N_("Identifier"),
    N_("Origin"),
    N_("Funding source"),
    N_("Supplier"),
    N_("Contract"),
    N_("Project"),
    N_("Theme"),
    N_("Access"),
    N_("Published"),
    N_("Record updated"),
    N_("Processing"),
    N_("Lineage"),
    N_("Software"),
    N_("Produced"),
    N_("Preview of {title}"),
    N_("Histogram of {band}"),
    N_("Download {kind}"),
    N_("Metadata of the scene"),
    N_("Show the source of {n} values"),
    N_("The address names no scene of this catalogue."),
    N_("The scene could not be read. It may have been withdrawn, or the connection was lost."),
    N_("Opened from a disk, this page cannot read the scene: browsers allow that only over a web server."),
)
"""Texts of the script, under the English that it asks for (a test compares them with it)."""


def on_demand_page(site: Site, say: Wording) -> Page:
    """The page in one language; it shows the scene whose folder its address names: ``?item=spot/2019/06/scene``."""
    page = site.addresses.page(SCENE, say.language)
    title = say(N_("Scene"))
    frame = site.frame(
        SCENE,
        say,
        title,
        say(N_("A scene of {catalogue}, read from its record."), catalogue=site.title(say)),
        crumbs=(Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True)),
        indexed=False,
    )
    return site.paint("scene.html.j2", frame, told=_told(site, page, say), home=site.href(page, "index.html", say))


def _told(site: Site, page: str, say: Wording) -> str:
    """What the script must know, as JSON in a data attribute."""
    definition = site.definition
    tables = {
        "resolution": codes.RESOLUTION,
        "level": codes.LEVEL,
        "orbit": codes.ORBIT,
        "origin": codes.ORIGIN,
        "funding": codes.FUNDING,
        "access": codes.ACCESS,
        "band": codes.BAND,
        "description": codes.DESCRIPTION,
        "property": codes.PROPERTY,
        "media": MEDIA,
    }
    told: dict[str, Any] = {
        "root": "../" * page.count("/"),
        "pages": site.href(page, "", say) or "./",
        "language": say.language,
        "host": definition.host,
        "title": site.title(say),
        "coloured": sorted(COLOURED),
        "months": [say(month) for month in MONTHS],
        "words": {text: say(text) for text in WORDS},
        "codes": {name: {code: say(text) for code, text in table.items()} for name, table in tables.items()},
        "agencies": {a.code: agency_name(definition, a.code, say) for a in definition.agencies},
        "projects": {p.code: project_name(definition, p.code, say) for p in definition.projects},
        "themes": {t.code: theme_name(definition, t.code, say) for t in definition.themes},
        "grids": {code: name for code in _grids(site) if (name := crs_name(code, say.language))},
        "collections": {
            c.id: {
                "title": site.collection_title(c.id, say),
                "own": str(c.json.get("license") or ""),
                "licence": licence(definition, c.id, c.json, say),
            }
            for c in site.release.collections
        },
    }
    return orjson.dumps(told).decode()


def _grids(site: Site) -> list[str]:
    """The reference systems of the scenes, by the summaries of their collections."""
    return sorted({code for c in site.release.collections for code in texts(mapping(c.json.get("summaries")).get("proj:code") or [])})
