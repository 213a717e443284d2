"""The data quality page: what was found, how bad it is, what to do, and which scenes wait for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from catalog_builder.findings import Finding, Severity, in_order
from catalog_builder.i18n import N_
from catalog_builder.release.model import Page
from catalog_builder.site import codes
from catalog_builder.site.addresses import safe_name
from catalog_builder.site.frame import Link
from catalog_builder.site.reading import mapping, moment, number, text, texts
from catalog_builder.site.site import Site
from catalog_builder.site.wording import Wording
from catalog_builder.stac.model import Json

SHOWN_SUBJECTS = 200
"""Subjects listed under one kind of finding; ``findings.json`` has all."""

DRAFTS = "qa/drafts"
"""Where the release keeps the JSON of scenes that wait."""

SEVERITIES = {
    Severity.ERROR: N_("Errors"),
    Severity.WARNING: N_("Warnings"),
    Severity.INFO: N_("Notes"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """What was found in the same words, and in what."""

    text: str
    count: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """All findings of one kind by their messages, the most frequent first; ``others`` says how many there are besides that one."""

    code: str
    hint: str
    count: str
    messages: tuple[Message, ...]
    others: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one severity."""

    severity: str
    title: str
    count: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A scene that waits for a person, with what is known."""

    id: str
    href: str
    title: str
    known: tuple[str, ...]


def qa_page(site: Site, say: Wording) -> Page:
    path = "qa/index.html"
    page = site.addresses.page(path, say.language)
    findings = in_order(site.release.findings)
    title = say(N_("Data quality"))
    frame = site.frame(
        path,
        say,
        title,
        say(N_("What the checks of this release found, and what to do about it.")),
        crumbs=(Link(say(N_("Catalogue")), site.href(page, "index.html", say)), Link(title, current=True)),
        indexed=False,
    )
    return site.paint(
        "qa.html.j2",
        frame,
        groups=tuple(_group(severity, findings, say) for severity in SEVERITIES),
        drafts=tuple(_draft(site, page, draft, say) for draft in site.release.drafts),
        total=say.count(len(findings), N_("{n} finding"), N_("{n} findings")),
        published=say.count(len(site.items), N_("{n} scene published"), N_("{n} scenes published")),
        waiting=say.count(len(site.release.drafts), N_("{n} scene waits for a person"), N_("{n} scenes wait for a person")),
        findings_json=site.href(page, "findings.json"),
    )


def _group(severity: Severity, findings: list[Finding], say: Wording) -> Group:
    own = [f for f in findings if f.severity is severity]
    counts = Counter(f.code for f in own)
    kinds = tuple(
        _kind([f for f in own if f.code == code], say) for code, _ in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    )
    return Group(severity.value, say(SEVERITIES[severity]), say.number(len(own)), kinds)


def _kind(findings: list[Finding], say: Wording) -> Kind:
    by_message: dict[str, list[str]] = {}
    for finding in findings:
        by_message.setdefault(finding.message(say.language), []).append(finding.subject)
    messages, room = [], SHOWN_SUBJECTS
    for text_of_message, subjects in sorted(by_message.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        if room > 0:
            messages.append(Message(text_of_message, say.number(len(subjects)), tuple(subjects[:room])))
            room -= len(subjects)
    others = len(by_message) - 1
    return Kind(
        code=findings[0].code,
        hint=findings[0].hint(say.language),
        count=say.number(len(findings)),
        messages=tuple(messages),
        others=say.count(others, N_("and {n} other message"), N_("and {n} other messages")) if others else "",
        is_cut=room < 0,
    )


def _draft(site: Site, page: str, draft: Json, say: Wording) -> Draft:
    properties = mapping(draft.get("properties"))
    known = [
        f"{codes.property_name(key, say)}: {_shown(key, properties[key], say)}"
        for key in ("platform", "instruments", "datetime", "start_datetime", "gsd", "vn:scene_name")
        if properties.get(key)
    ]
    identifier = text(draft.get("id")) or ""
    href = site.href(page, f"{DRAFTS}/{identifier}.json") if safe_name(identifier) else ""
    return Draft(identifier, href, text(properties.get("title")) or identifier, tuple(known))


def _shown(key: str, value: object, say: Wording) -> str:
    """A property as a person writes it."""
    amount, when = number(value), moment(value) if key.endswith("datetime") else None
    if when is not None:
        return say.moment(when) if key == "datetime" else say.day(when)
    if amount is not None:
        return say.metres(amount) if key == "gsd" else say.number(amount)
    return ", ".join(texts(value))
