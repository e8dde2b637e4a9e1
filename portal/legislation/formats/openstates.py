"""Open States: bills as the scrapers and the bulk files have them, as the API v3 gives them."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from portal.legislation.bills import (
    Action,
    Bill,
    Paper,
    Relation,
    Sponsor,
    Title,
    Unreadable,
    Version,
    Vote,
    number_key,
    session_key,
)
from portal.legislation.formats import RollCall, each_of, from_json, needed, text_of

SOURCE = "openstates"
LICENCE = "Open States, public domain by the project’s statement"
_RELATIONS = {"prior-session": "prior_session", "replaced-by": "replaced_by"}
_OPTIONS = {"not voting": "not_voting"}


def split(raw: bytes) -> Iterator[bytes]:
    """A file is one record; a page of the API is many."""
    return each_of(raw, "results")


def parse(record: bytes) -> Bill | RollCall:
    read = from_json(record)
    return roll_call(read) if isinstance(read, dict) and "motion_text" in read else bill(read)


def bill(record: Any) -> Bill:
    """One bill; `legislative_session` (files) and `session` (API) mean the same."""
    needed(record, "identifier", "title", "jurisdiction")
    session = text_of(record.get("legislative_session") or record.get("session"))
    if not session:
        raise Unreadable("It has no legislative_session")
    place = _place(record["jurisdiction"])
    versions = tuple(map(_version, record.get("versions") or ()))
    extras = record.get("extras") or {}
    kinds = record.get("classification") or ["bill"]
    return Bill(
        source=SOURCE, place=place, session=session, identifier=text_of(record["identifier"]),
        key=f"{place}/{session_key(session)}/{number_key(record['identifier'])}",
        title=text_of(record["title"]), kind=_kind(record["identifier"], text_of(kinds[0])),
        house=_organization(record.get("from_organization")), revised_at=_revised(record),
        effective_on=text_of(extras.get("effective_date"))[:10],
        abstract=next((text_of(one.get("abstract")) for one in record.get("abstracts") or ()), ""),
        url=next((text_of(one.get("url")) for one in record.get("sources") or ()), ""),
        titles=tuple(Title(text_of(one.get("title")), "long")
                     for one in record.get("other_titles") or () if text_of(one.get("title"))),
        actions=_in_time(record.get("actions") or ()),
        sponsors=tuple(map(_sponsor, record.get("sponsorships") or ())),
        versions=versions, papers=tuple(map(_paper, record.get("documents") or ())),
        votes=tuple(_vote(one) for one in record.get("votes") or ()),
        related=tuple(map(_relation, record.get("related_bills") or ())),
        subjects=tuple(map(text_of, record.get("subject") or ())),
        numbers=tuple(text_of(one.get("identifier"))
                      for one in record.get("other_identifiers") or ()),
        law=_law(record.get("citations") or ()),
    )  # fmt: skip


def _kind(identifier: str, said: str) -> str:
    """What the source calls it; a joint resolution by its letters, since many call it a bill."""
    is_joint = re.match(r"[ASH]J(?:RES|R)?(?![A-Z])", identifier.replace(".", "").upper())
    return "joint_resolution" if is_joint else said.replace(" ", "_")


def _place(jurisdiction: Any) -> str:
    """`ocd-jurisdiction/country:us/state:wy/government` governs `ocd-division/…/state:wy`."""
    if isinstance(jurisdiction, str):
        jurisdiction = {"id": jurisdiction}
    given = text_of(jurisdiction.get("division_id")) or text_of(jurisdiction.get("id"))
    parts = [part for part in given.split("/")[1:] if ":" in part]
    if not parts:
        raise Unreadable("Its jurisdiction has no identifier")
    return "/".join(["ocd-division", *parts])


def _revised(record: dict[str, Any]) -> str:
    seen = record.get("_processing") or {}
    return text_of(record.get("updated_at") or seen.get("logs_latest_update"))


def _organization(given: Any) -> str:
    """The class of an organization: `lower` of `~{"classification": "lower"}`."""
    if isinstance(given, dict):
        return text_of(given.get("classification"))
    text = text_of(given)
    if not text.startswith("~"):
        return text
    try:
        return text_of(json.loads(text[1:]).get("classification"))
    except (ValueError, AttributeError):
        return ""


def _in_time(records: Any) -> tuple[Action, ...]:
    """Files have the newest first, the API says the order; equal instants keep their order."""
    if all("order" in one for one in records):
        ordered = sorted(records, key=lambda one: int(one["order"]))
    else:
        ordered = list(reversed(records))
    made = [_action(one) for one in ordered]
    return tuple(sorted(made, key=lambda one: one.at or one.on))


def _action(record: dict[str, Any]) -> Action:
    date = text_of(record.get("date"))
    is_day = len(date) <= 10
    body = record.get("organization_id") or record.get("organization")
    return Action(
        text=text_of(record.get("description")), on=date if is_day else "",
        at="" if is_day else date, body=_organization(body), key=text_of(record.get("id")),
        classes=tuple(sorted(map(text_of, record.get("classification") or ()))),
    )  # fmt: skip


def _sponsor(record: dict[str, Any]) -> Sponsor:
    is_body = record.get("entity_type") == "organization"
    role = "primary" if record.get("primary") else "co"
    return Sponsor(text_of(record.get("name")), "committee" if is_body and role == "co" else role)


def _version(record: dict[str, Any]) -> Version:
    return Version(text_of(record.get("note")), text_of(record.get("date")), _link(record))


def _paper(record: dict[str, Any]) -> Paper:
    return Paper(text_of(record.get("note")), text_of(record.get("classification")),
                 text_of(record.get("date")), _link(record))  # fmt: skip


def _link(record: dict[str, Any]) -> str:
    return next((text_of(one.get("url")) for one in record.get("links") or ()), "")


def _relation(record: dict[str, Any]) -> Relation:
    kind = text_of(record.get("relation_type"))
    return Relation(text_of(record.get("identifier")), text_of(record.get("legislative_session")),
                    _RELATIONS.get(kind, kind or "related"))  # fmt: skip


def _law(citations: Any) -> str:
    kept = (one for one in citations if one.get("citation_type") in {"chapter", "final"})
    return next((text_of(one.get("citation")) for one in kept), "")


def roll_call(record: Any) -> RollCall:
    """A file of one vote; its bill is named by session and number alone."""
    needed(record, "bill_identifier", "legislative_session", "motion_text")
    vote = _vote(record)
    given = f"{record['legislative_session']}/{number_key(record['bill_identifier'])}/{vote.on}"
    return RollCall(
        SOURCE, replace(vote, key=f"{given}/{vote.body}/{vote.motion}"),
        session=text_of(record["legislative_session"]),
        identifier=text_of(record["bill_identifier"]),
    )  # fmt: skip


def _vote(record: dict[str, Any]) -> Vote:
    counts = {_option(one.get("option")): int(one.get("value") or 0)
              for one in record.get("counts") or ()}  # fmt: skip
    rows = [(text_of(one.get("voter_name")), _option(one.get("option")))
            for one in record.get("votes") or ()]  # fmt: skip
    return Vote(
        key=text_of(record.get("id")), motion=text_of(record.get("motion_text")),
        result=text_of(record.get("result")), on=text_of(record.get("start_date")),
        body=_organization(record.get("organization")),
        counts={name: n for name, n in counts.items() if n}, voters=joined(rows),
    )  # fmt: skip


def _option(given: Any) -> str:
    text = text_of(given)
    return _OPTIONS.get(text, text)


def joined(rows: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Voters, each once: some files split `Brown, G` into the rows `Brown` and `G`.

    A row of at most two letters belongs to the row before; a surname of three letters is one.
    """
    made: list[tuple[str, str]] = []
    for name, option in rows:
        if len(name) <= 2 and made:
            made[-1] = (f"{made[-1][0]}, {name}", made[-1][1])
        else:
            made.append((name, option))
    return tuple(made)
