"""The bills API of the United Kingdom's Parliament; weekly copies of its list too."""

from collections.abc import Iterator
from typing import Any

from portal.legislation.bills import Action, Bill, Sponsor, Title
from portal.legislation.formats import each_of, from_json, needed, text_of

SOURCE = "uk-bills"
LICENCE = "Contains Parliamentary information licensed under the Open Parliament Licence v3.0"
_HOUSES = {"Commons": "lower", "Lords": "upper"}


def split(raw: bytes) -> Iterator[bytes]:
    return each_of(raw, "items")


def parse(record: bytes) -> Bill:
    return bill(from_json(record))


def bill(record: Any) -> Bill:
    """One bill; a field that is not there is unknown, not false."""
    needed(record, "billId", "shortTitle")
    stage = record.get("currentStage") or {}
    sittings = stage.get("stageSittings") or []
    session = text_of(record.get("introducedSessionId")) or "current"
    house = _HOUSES.get(text_of(stage.get("house")), "")
    facts = {"abbreviation": text_of(stage.get("abbreviation")), "stage_house": house,
             "current_house": _HOUSES.get(text_of(record.get("currentHouse")), ""),
             "is_act": bool(record.get("isAct")), "is_defeated": bool(record.get("isDefeated")),
             "withdrawn_on": text_of(record.get("billWithdrawn"))[:10],
             "sessions": [int(one) for one in record.get("includedSessionIds") or ()]}  # fmt: skip
    days = sorted(text_of(one.get("date"))[:10] for one in sittings)
    description = text_of(stage.get("description"))
    return Bill(
        source=SOURCE, key=text_of(record["billId"]), place="uk", session=session,
        identifier=f"Bill {text_of(record['billId'])}", title=text_of(record["shortTitle"]),
        house=_HOUSES.get(text_of(record.get("originatingHouse")), ""), status=description,
        status_code=text_of(stage.get("abbreviation")), status_on=days[-1] if days else "",
        revised_at=text_of(record.get("lastUpdate")), abstract=text_of(record.get("summary")),
        url=text_of(record.get("billUrl")),
        titles=tuple(Title(text_of(record.get(name)), kind) for name, kind in
                     (("longTitle", "long"), ("formerShortTitle", "former")) if record.get(name)),
        actions=tuple(Action(description, day, body=house) for day in days),
        sponsors=tuple(_sponsor(one, n) for n, one in enumerate(record.get("sponsors") or ())),
        facts={name: value for name, value in facts.items() if value},
    )  # fmt: skip


def _sponsor(record: dict[str, Any], place: int) -> Sponsor:
    who = record.get("member") or record.get("organisation") or {}
    return Sponsor(text_of(who.get("name")), "co" if place else "primary",
                   text_of(who.get("party")), key=text_of(who.get("memberId")))  # fmt: skip
