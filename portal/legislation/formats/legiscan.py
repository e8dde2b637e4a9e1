"""LegiScan: files of its datasets and answers of its API, bills and roll calls."""

from collections.abc import Iterator
from typing import Any

from portal.legislation.bills import (
    EFFECTIVE,
    Action,
    Bill,
    Paper,
    Relation,
    Sponsor,
    Unreadable,
    Version,
    Vote,
)
from portal.legislation.formats import RollCall, from_json, needed, text_of

SOURCE = "legiscan"
LICENCE = "LegiScan LLC, CC BY 4.0"
STATUS = ("N/A", "Introduced", "Engrossed", "Enrolled", "Passed", "Vetoed", "Failed")
TEXTS = ("", "Introduced", "Comm Sub", "Amended", "Engrossed", "Enrolled", "Chaptered",
         "Fiscal Note", "Analysis", "Draft", "Conference Sub", "Prefiled", "Veto Message",
         "Veto Response", "Substitute")  # fmt: skip
_RELATIONS = ("related", "identical", "similar", "replaced_by", "replaces", "companion",
              "enables", "enabled_by", "related", "carried_over_to")  # fmt: skip
_ROLES = ("co", "primary", "co", "joint")
_HOUSES = {"H": "lower", "A": "lower", "S": "upper", "J": "joint"}
_RESOLUTIONS = frozenset({"R", "CR", "JR", "M", "C", "CSR", "JM", "P", "SR", "CM", "RM"})


def split(raw: bytes) -> Iterator[bytes]:
    yield raw


def parse(record: bytes) -> Bill | RollCall | None:
    read = from_json(record)
    needed(read)
    if read.get("status") == "ERROR":
        said = (read.get("alert") or {}).get("message")
        raise Unreadable(f"LegiScan answered with an error: {said or 'none named'}")
    if "bill" in read:
        return bill(read["bill"])
    if "roll_call" in read:
        return roll_call(read["roll_call"])
    if "person" not in read and "text" not in read:
        raise Unreadable("It holds neither a bill nor a roll call")
    return None


def bill(record: Any) -> Bill:
    needed(record, "bill_id", "bill_number", "title", "state", "session")
    session = record["session"]
    effective = [_effective(one) for one in record.get("history") or () if _effective(one)]
    number = int(record.get("status") or 0)
    kind = text_of(record.get("bill_type")) or "B"
    return Bill(
        source=SOURCE,
        key=text_of(record["bill_id"]),
        place=_place(record["state"]),
        session=_session(session),
        identifier=text_of(record["bill_number"]),
        title=text_of(record["title"]),
        kind="resolution" if kind in _RESOLUTIONS else "bill",
        house=_HOUSES.get(text_of(record.get("body")), ""),
        abstract=text_of(record.get("description")),
        status=named(STATUS, number, "status"),
        status_code=str(number),
        status_on=day(record.get("status_date")),
        url=text_of(record.get("state_link") or record.get("url")),
        committee=_committee(record.get("committee")),
        effective_on=max(effective, default=""),
        is_session_over=int(session.get("sine_die") or 0) == 1,
        actions=tuple(map(_action, record.get("history") or ())),
        sponsors=tuple(map(_sponsor, record.get("sponsors") or ())),
        versions=tuple(map(_version, record.get("texts") or ())),
        papers=tuple(map(_supplement, record.get("supplements") or ())),
        votes=tuple(_tally(one) for one in record.get("votes") or ()),
        related=tuple(_relation(one, _session(session)) for one in record.get("sasts") or ()),
        subjects=tuple(text_of(one.get("subject_name")) for one in record.get("subjects") or ()),
        facts={
            "events": [_event(one) for one in record.get("progress") or ()],
            "type": kind,
            "prefile": int(session.get("prefile") or 0),
        },
    )


def _event(record: dict[str, Any]) -> list[Any]:
    return [day(record.get("date")), int(record.get("event") or 0)]


def _supplement(record: dict[str, Any]) -> Paper:
    name = text_of(record.get("title") or record.get("type"))
    return Paper(name, "supplement", day(record.get("date")), text_of(record.get("state_link")))


def named(words: tuple[str, ...], number: int, what: str) -> str:
    """The word for a number; one that nobody told us of is shown as it is."""
    return words[number] if 0 <= number < len(words) and words[number] else f"{what} {number}"


def day(given: Any) -> str:
    text = text_of(given)[:10]
    return "" if text.startswith("0000") else text


def _place(state: Any) -> str:
    code = text_of(state).lower()
    return "us" if code == "us" else f"us-{code}"


def _session(session: dict[str, Any]) -> str:
    return text_of(session.get("session_name") or session.get("session_title"))


def _effective(row: dict[str, Any]) -> str:
    """`Effective Date 2024-07-01` in a history is a date of the law, not an act of a chamber."""
    words = text_of(row.get("action"))
    return words[15:25].strip() if words.lower().startswith("effective date") else ""


def _action(row: dict[str, Any]) -> Action:
    classes = (EFFECTIVE,) if _effective(row) else ()
    return Action(
        text_of(row.get("action")),
        day(row.get("date")),
        classes=classes,
        body="" if classes else _HOUSES.get(text_of(row.get("chamber")), ""),
    )


def _committee(given: Any) -> str:
    """An object, or an empty list when there is none."""
    return text_of(given.get("name")) if isinstance(given, dict) else ""


def _sponsor(record: dict[str, Any]) -> Sponsor:
    kind = int(record.get("sponsor_type_id") or 0)
    role = "committee" if int(record.get("committee_sponsor") or 0) else (
        _ROLES[kind] if kind < len(_ROLES) else "co")  # fmt: skip
    return Sponsor(
        text_of(record.get("name")),
        role,
        text_of(record.get("party")),
        text_of(record.get("district")),
        key=text_of(record.get("people_id")),
    )


def _version(record: dict[str, Any]) -> Version:
    number = int(record.get("type_id") or 0)
    name = text_of(record.get("type")) or named(TEXTS, number, "type")
    return Version(name, day(record.get("date")), text_of(record.get("state_link")),
                   text_of(record.get("text_hash")))  # fmt: skip


def _relation(record: dict[str, Any], session: str) -> Relation:
    kind = int(record.get("type_id") or 0)
    relation = _RELATIONS[kind] if kind < len(_RELATIONS) else "related"
    return Relation(text_of(record.get("sast_bill_number")), session, relation)


def _tally(record: dict[str, Any]) -> Vote:
    counts = {"yes": record.get("yea"), "no": record.get("nay"), "not_voting": record.get("nv"),
              "absent": record.get("absent")}  # fmt: skip
    return Vote(
        key=text_of(record.get("roll_call_id")), motion=text_of(record.get("desc")),
        result="pass" if record.get("passed") else "fail", on=day(record.get("date")),
        body=_HOUSES.get(text_of(record.get("chamber")), ""),
        counts={name: int(n) for name, n in counts.items() if n},
        voters=tuple((text_of(one.get("people_id")), _option(one.get("vote_id")))
                     for one in record.get("votes") or ()),
    )  # fmt: skip


def _option(number: Any) -> str:
    options = ("", "yes", "no", "not_voting", "absent")
    place = int(number or 0)
    return options[place] if 0 < place < len(options) else "other"


def roll_call(record: Any) -> RollCall:
    needed(record, "roll_call_id", "bill_id")
    return RollCall(SOURCE, _tally(record), refers=text_of(record["bill_id"]))
