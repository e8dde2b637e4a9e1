"""Legistar: matters and meetings of city councils, as their published copies have them."""

import re
from collections.abc import Iterator
from typing import Any

from portal.legislation.bills import Action, Bill, Paper, Sponsor, Title, Unreadable, Version, Vote
from portal.legislation.formats import Meeting, each_of, from_json, needed, text_of

SOURCE = "legistar"
LICENCE = "New York City Council, open data"
COUNCILS = {"nyc": "us-ny-new-york"}  # the client's name in Legistar's addresses
HOME = "us-ny-new-york"  # of a matter without any address
_OPTIONS = {
    "Affirmative": "yes", "Negative": "no", "Absent": "absent", "Abstain": "abstain",
    "Medical": "excused", "Parental": "excused", "Maternity": "excused",
    "Non-voting": "not_voting",
}  # fmt: skip
_MEETINGS = {"Final": "confirmed", "Deferred": "deferred", "Cancelled": "cancelled"}


def split(raw: bytes) -> Iterator[bytes]:
    return each_of(raw)


def parse(record: bytes) -> Bill | Meeting | None:
    read = from_json(record)
    needed(read)
    if "File" in read:
        return matter(read)
    if "Items" in read or "AgendaStatusID" in read:
        return meeting(read)
    if "OfficeRecords" not in read and "Matters" not in read:  # a person; a watermark
        raise Unreadable("It is neither a matter nor a meeting")
    return None


def matter(record: Any) -> Bill:
    needed(record, "ID", "File", "StatusName")
    attachments = record.get("Attachments") or []
    history = record.get("History") or []
    file = text_of(record["File"])
    sponsors = record.get("Sponsors") or []
    law = text_of(record.get("LocalLaw"))
    official = text_of(record.get("Title"))
    return Bill(
        source=SOURCE,
        key=text_of(record["ID"]),
        place=_place(attachments),
        session=council_session(file, day(record.get("IntroDate"))),
        identifier=file,
        title=text_of(record.get("Name")) or official,
        house="unicameral",
        kind=_kind(text_of(record.get("TypeName"))),
        status=text_of(record["StatusName"]),
        status_code=text_of(record.get("StatusID")),
        introduced_on=day(record.get("IntroDate")),
        revised_at=text_of(record.get("LastModified")),
        law=f"Local Law {law}" if law else "",
        abstract=text_of(record.get("Summary")),
        committee=text_of(record.get("BodyName")),
        titles=(Title(official, "official"),) if official else (),
        actions=tuple(sorted(map(_action, history), key=lambda one: one.at)),
        sponsors=_sponsors(sponsors),
        versions=_versions(record),
        papers=tuple(
            Paper(text_of(one.get("Name")), "attachment", url=text_of(one.get("Link")))
            for one in attachments
        ),
        votes=tuple(_vote(one) for one in history if one.get("Votes")),
        numbers=tuple(filter(None, [text_of(record.get("GUID")), law])),
        facts={"unnamed_sponsors": sum(not text_of(one.get("FullName")) for one in sponsors)},
    )


def _sponsors(records: list[dict[str, Any]]) -> tuple[Sponsor, ...]:
    """Those with a name: an empty row is one that withdrew, or that nobody knows."""
    named = [one for one in records if text_of(one.get("FullName"))]
    return tuple(
        Sponsor(
            text_of(one["FullName"]),
            "co" if number else "primary",
            key=text_of(one.get("Slug") or one.get("ID")),
        )
        for number, one in enumerate(named)
    )


def _versions(record: dict[str, Any]) -> tuple[Version, ...]:
    text = text_of(record.get("Text"))
    name = f"Version {text_of(record.get('Version'))}"
    return (Version(name, text=text),) if text else ()


def council_session(file: str, introduced_on: str) -> str:
    """Councils sit from an even year to the odd one after: `Int 0004-2024` is of 2024-2025."""
    found = re.search(r"-(\d{4})$", file)
    year = int(found[1]) if found else int(introduced_on[:4] or 0)
    first = year - year % 2
    return f"{first}-{first + 1}"


def day(given: Any) -> str:
    """The day; the year 1 is how Legistar says that there is none."""
    text = text_of(given)[:10]
    return "" if text.startswith("0001") else text


def _kind(name: str) -> str:
    return {"Introduction": "ordinance", "Resolution": "resolution"}.get(name, name.lower())


def _place(attachments: list[dict[str, Any]]) -> str:
    for one in attachments:
        found = re.match(r"https?://[^/]+/([a-z]+)/attachments/", text_of(one.get("Link")))
        if found and found[1] in COUNCILS:
            return COUNCILS[found[1]]
    return HOME


def _action(record: dict[str, Any]) -> Action:
    """The Z of a history means the clock on the council's wall: its day is the council's."""
    at = text_of(record.get("Date")).removesuffix("Z")
    text = text_of(record.get("Action")) or text_of(record.get("Description"))
    return Action(
        text,
        day(at),
        at,
        text_of(record.get("BodyName")),
        key=text_of(record.get("ID")),
        classes=tuple(filter(None, [text_of(record.get("ActionID"))])),
        result=text_of(record.get("PassedFlagName")),
    )


def _vote(record: dict[str, Any]) -> Vote:
    rows = [(text_of(one.get("FullName")), _OPTIONS.get(text_of(one.get("Vote")), "other"))
            for one in record["Votes"]]  # fmt: skip
    counts: dict[str, int] = {}
    for _name, option in rows:
        counts[option] = counts.get(option, 0) + 1
    flag = text_of(record.get("PassedFlagName")).lower()
    return Vote(
        text_of(record.get("ID")),
        text_of(record.get("Action")),
        flag,
        day(record.get("Date")),
        text_of(record.get("BodyName")),
        counts,
        tuple(rows),
    )


def meeting(record: Any) -> Meeting:
    needed(record, "ID", "BodyName", "Date")
    items = record.get("Items") or []
    status = text_of(record.get("AgendaStatusName"))
    return Meeting(
        source=SOURCE,
        key=text_of(record["ID"]),
        body=text_of(record["BodyName"]),
        begins_at=text_of(record["Date"]),
        status=_MEETINGS.get(status, "tentative"),
        place=HOME,
        location=text_of(record.get("Location")),
        url=text_of(record.get("InSiteURL")),
        comment=text_of(record.get("Comment")),
        revised_at=text_of(record.get("LastModified")),
        items=tuple(
            (text_of(one.get("MatterFile")), text_of(one.get("MatterName") or one.get("Title")))
            for one in items
        ),
    )
