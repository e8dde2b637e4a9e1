"""The United States Congress: `data.json` of unitedstates/congress, and BILLSTATUS XML."""

import re
import xml.etree.ElementTree as Tree
from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat

from portal.legislation.bills import (
    Action,
    Bill,
    Paper,
    Relation,
    Sponsor,
    Title,
    Unreadable,
    Version,
)
from portal.legislation.formats import LARGEST, from_json, needed, text_of

SOURCE, XML_SOURCE = "congress", "billstatus"
LICENCE = "unitedstates/congress, CC0; the bills themselves are works of the United States"
_RELATIONS = {"identical": "identical", "related": "related", "Identical bill": "identical",
              "Related bill": "related", "Procedurally-related": "procedural",
              "procedurally-related": "procedural", "text similarities": "similar"}  # fmt: skip
_HOUSES = {"h": "lower", "s": "upper"}
_KNOWN = frozenset({"hr", "s", "hjres", "sjres", "hconres", "sconres", "hres", "sres"})


def split(raw: bytes) -> Iterator[bytes]:
    yield raw


def parse(record: bytes) -> Bill:
    return from_xml(record) if record.lstrip()[:1] == b"<" else bill(from_json(record))


def bill(record: Any) -> Bill:
    needed(record, "bill_type", "number", "congress", "introduced_at")
    kind, number = text_of(record["bill_type"]).lower(), text_of(record["number"])
    title = record.get("short_title") or record.get("popular_title") or record["official_title"]
    congress = text_of(record["congress"])
    enacted = record.get("enacted_as") or {}
    sponsor = [_person(record["sponsor"], "primary")] if record.get("sponsor") else []
    return Bill(
        source=SOURCE,
        key=f"{kind}{number}-{congress}",
        place="us",
        session=congress,
        identifier=_identifier(kind, number),
        title=text_of(title),
        kind=_kind(kind),
        house=_HOUSES.get(kind[0], ""),
        status=text_of(record.get("status")),
        status_code=text_of(record.get("status")),
        status_on=text_of(record.get("status_at"))[:10],
        introduced_on=text_of(record["introduced_at"]),
        revised_at=text_of(record.get("updated_at")),
        law=_law(congress, enacted),
        abstract=text_of((record.get("summary") or {}).get("text")),
        url=text_of(record.get("url")),
        titles=tuple(map(_title, record.get("titles") or ())),
        actions=tuple(map(_action, record.get("actions") or ())),
        sponsors=(*sponsor, *(_person(one, "co") for one in record.get("cosponsors") or ())),
        papers=tuple(
            Paper(text_of(one), "committee_report")
            for one in record.get("committee_reports") or ()
        ),
        related=tuple(map(_relation, record.get("related_bills") or ())),
        subjects=tuple(map(text_of, record.get("subjects") or ())),
        facts={"statuses": _statuses(record.get("actions") or ())},
    )


def _title(record: dict[str, Any]) -> Title:
    kind = "portion" if record.get("is_for_portion") else text_of(record.get("type"))
    return Title(text_of(record.get("title")), kind, text_of(record.get("as")))


def _statuses(actions: Iterable[dict[str, Any]]) -> list[list[str]]:
    """The statuses that its actions brought, in order, with their days."""
    return [[text_of(one.get("acted_at")), one["status"]] for one in actions if one.get("status")]


def _kind(letters: str) -> str:
    return "bill" if letters in {"hr", "s"} else (
        "joint_resolution" if letters.endswith("jres") else "resolution")  # fmt: skip


def _identifier(kind: str, number: str) -> str:
    if kind not in _KNOWN:
        raise Unreadable(f"“{kind}” is no kind of bill of the Congress")
    return f"{kind.upper()} {number}"


def _law(congress: str, enacted: dict[str, Any]) -> str:
    if not enacted.get("number"):
        return ""
    kind = "Private" if enacted.get("law_type") == "private" else "Public"
    return (
        f"{kind} Law {text_of(enacted.get('congress') or congress)}-{text_of(enacted['number'])}"
    )


def _action(record: dict[str, Any]) -> Action:
    acted = text_of(record.get("acted_at"))
    is_day = len(acted) <= 10
    classes = [text_of(record.get(name)) for name in ("type", "action_code", "status")]
    return Action(
        text=text_of(record.get("text")), on=acted if is_day else "", at="" if is_day else acted,
        body=_HOUSES.get(text_of(record.get("where")), ""), classes=tuple(filter(None, classes)),
        result=text_of(record.get("result")),
    )  # fmt: skip


def _person(record: dict[str, Any], role: str) -> Sponsor:
    state, district = text_of(record.get("state")), text_of(record.get("district"))
    return Sponsor(
        name=text_of(record.get("name")), role=role, key=text_of(record.get("bioguide_id")),
        district=f"{state}-{district}" if district else state,
        joined_on=text_of(record.get("sponsored_at")),
        withdrawn_on=text_of(record.get("withdrawn_at")),
        is_original=bool(record.get("original_cosponsor")),
    )  # fmt: skip


def _relation(record: dict[str, Any]) -> Relation:
    kind, number, congress = _parts(text_of(record.get("bill_id")))
    relation = _RELATIONS.get(text_of(record.get("reason")), "related")
    return Relation(f"{kind.upper()} {number}", congress, relation)


def _parts(bill_id: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"([a-z]+)(\d+)-(\d+)", bill_id)
    return (found[1], found[2], found[3]) if found else ("", bill_id, "")


def whole_xml(raw: bytes) -> Tree.Element:
    """The root, when nothing in it could reach outside or blow up: no document types at all."""
    if len(raw) > LARGEST:
        raise Unreadable("The file is larger than 50 MB")

    def refuse(*_: Any) -> None:
        raise Unreadable("It declares a document type, which we do not read")

    guard = expat.ParserCreate()
    guard.StartDoctypeDeclHandler = refuse
    try:
        guard.Parse(raw, True)  # noqa: FBT003 - the library's own: this is the last piece
        return Tree.fromstring(raw)  # noqa: S314 - the guard has read it before
    except (expat.ExpatError, Tree.ParseError) as trouble:
        raise Unreadable(f"The file is not whole XML: {trouble}") from None


def from_xml(raw: bytes) -> Bill:
    """One BILLSTATUS file, with the names of its version 1 or those of version 3."""
    root = whole_xml(raw)
    found = root if root.tag == "bill" else root.find("bill")
    if found is None:
        raise Unreadable("It has no <bill>")
    kind = _said(found, "type", "billType").lower()
    number, congress = _said(found, "number", "billNumber"), _said(found, "congress")
    if not (kind and number and congress):
        raise Unreadable("It does not say type, number and congress")
    laws = [f"{_said(one, 'type')} {_said(one, 'number')}" for one in found.findall("laws/item")]
    sponsors = [_xml_person(one, "primary") for one in found.findall("sponsors/item")]
    sponsors += [_xml_person(one, "co") for one in found.findall("cosponsors/item")]
    return Bill(
        source=XML_SOURCE, key=f"{kind}{number}-{congress}", place="us", session=congress,
        identifier=_identifier(kind, number), title=_said(found, "title"), kind=_kind(kind),
        house=_HOUSES.get(kind[0], ""), status=_said(found, "latestAction/text"),
        status_on=_said(found, "latestAction/actionDate"),
        introduced_on=_said(found, "introducedDate"),
        revised_at=_said(found, "updateDate", "updateDateIncludingText"),
        law=laws[0] if laws else "",
        titles=tuple(Title(_said(one, "title"), _xml_title(_said(one, "titleType")))
                     for one in found.findall("titles/item")),
        actions=tuple(sorted(map(_xml_action, found.findall("actions/item")),
                             key=lambda one: one.on)),
        sponsors=tuple(sponsors),
        versions=tuple(Version(_said(one, "type"), _said(one, "date")[:10],
                               _said(one, "formats/item/url"))
                       for one in found.findall("textVersions/item")),
        papers=tuple(Paper(_said(one, "citation"), "committee_report")
                     for one in found.findall("committeeReports/committeeReport")),
        related=tuple(map(_xml_relation, found.findall("relatedBills/item"))),
        subjects=tuple(_said(one, "name") for path in (
            "subjects/billSubjects/legislativeSubjects/item", "subjects/legislativeSubjects/item")
            for one in found.findall(path)),
    )  # fmt: skip


def _said(element: Tree.Element, *paths: str) -> str:
    """The text at the first of these paths that has one."""
    return next(filter(None, ((element.findtext(path) or "").strip() for path in paths)), "")


def _xml_title(words: str) -> str:
    lowered = words.lower()
    return next((one for one in ("short", "popular", "official") if one in lowered), "official")


def _xml_action(element: Tree.Element) -> Action:
    system = _said(element, "sourceSystem/code")
    body = {"0": "upper", "1": "lower", "2": "lower"}.get(system, "")
    classes = (_said(element, "type"), _said(element, "actionCode"), f"system-{system}")
    return Action(_said(element, "text"), _said(element, "actionDate"), body=body,
                  classes=tuple(filter(None, classes)))  # fmt: skip


def _xml_person(element: Tree.Element, role: str) -> Sponsor:
    state, district = _said(element, "state"), _said(element, "district")
    return Sponsor(
        name=_said(element, "fullName"), role=role, party=_said(element, "party"),
        district=f"{state}-{district}" if district else state, key=_said(element, "bioguideId"),
        joined_on=_said(element, "sponsorshipDate"),
        withdrawn_on=_said(element, "sponsorshipWithdrawnDate"),
        is_original=_said(element, "isOriginalCosponsor") == "True",
    )  # fmt: skip


def _xml_relation(element: Tree.Element) -> Relation:
    kind = _said(element, "relationshipDetails/item/type")
    return Relation(f"{_said(element, 'type')} {_said(element, 'number')}",
                    _said(element, "congress"), _RELATIONS.get(kind, "related"))  # fmt: skip
