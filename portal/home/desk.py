"""The staff desk's queues: what waits, how much of it, since when, and what was promised."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import g, url_for
from sqlalchemy import ColumnElement, Subquery, func, select, true

from portal.accounts.models import Person
from portal.association.queries import association, day_of, today
from portal.core import jobs, mail
from portal.core.access import Permission
from portal.core.charts import Chart, Point, Words, bars
from portal.core.db import db
from portal.core.merging import merged_away
from portal.core.money import Money
from portal.dues import queries as dues
from portal.dues.queries.approvals import approvals
from portal.joining import queries as joining
from portal.legislation import queries as legislation
from portal.library import proposals, remarks
from portal.library import queries as library
from portal.members import queries as members
from portal.members.models import Affiliation, Organization
from portal.members.terms import add_months
from portal.renewals import queries as renewals

P = Permission


@dataclass(frozen=True)
class Queue:
    """`since` is the day of the oldest; `promise` what members were told about it."""

    name: str
    url: str
    count: int
    since: date | None
    promise: str
    on: date

    @property
    def days(self) -> int | None:
        return (self.on - self.since).days if self.since and self.count else None


def queues(reader: Person) -> list[Queue]:
    """Those that this reader's roles let them work on."""
    return [queue for source in SOURCES if reader.may(source[0]) for queue in source[1]()]


def _queue(
    name: str, endpoint: str, count: int, since: date | datetime | None, promise: str, **named: Any
) -> Queue:
    day = day_of(since) if isinstance(since, datetime) else since
    return Queue(name, url_for(endpoint, **named), count, day, promise, today())


def _applications() -> Iterator[Queue]:
    count, deadline, oldest = joining.waiting()
    by = (
        f"by {deadline.day} {deadline:%b}"
        if deadline
        else f"in {association().decision_days} days"
    )
    yield _queue("Applications", "joining_staff.index", count, oldest, f"answered {by}")


def _overdue() -> Iterator[Queue]:
    late = [one for one in _ageing() if one.name != "not yet due"]
    for name in dict.fromkeys(one.name for one in late):
        here = [one for one in late if one.name == name]
        count, since = sum(one.count for one in here), min(one.since for one in here)
        title, said = f"Unpaid, {name}", "since the day it was due"
        yield _queue(title, "dues_staff.index", count, since, said, state="overdue")
    yield from _money()


def _money() -> Iterator[Queue]:
    """Money that waits for somebody: in two statements."""
    old = dues.old_credit(add_months(today(), -24)).order_by(None).subquery()
    loose = dues.unallocated().order_by(None).subquery()
    late_dues = renewals.to_act_on(today()).order_by(None).subquery()
    waits = dues.bank_lines("todo").order_by(None).subquery()
    left = dues.bank_lines("left").order_by(None).subquery()
    stuck = dues.for_a_person().order_by(None).subquery()
    placed, matched, called, refused, asked, gone = _counted(
        (loose, loose.c.received_on), (waits, waits.c.booked_on), (late_dues, late_dues.c.since),
        (stuck, stuck.c.on), (old, old.c.received_on), (left, left.c.booked_on),
    )  # fmt: skip
    within = "placed within 3 days"
    yield _queue("Unallocated money", "dues_staff.unallocated", *placed, within)
    yield _queue("Bank lines to match", "dues_staff.bank", *matched, "matched within 3 days")
    within = "explained within 3 days"
    yield _queue("Money that left, to explain", "dues_staff.bank", *gone, within, state="left")
    yield _queue("Arrears to act on", "renewals_staff.arrears", *called, "since it was due")
    yield _queue(
        "Cards that could not be charged", "dues_staff.cards", *refused, "spoken to within 3 days"
    )
    within = "asked about after 24 months"
    yield _queue("Payers' credit grown old", "dues_staff.unallocated", *asked, within)
    yield from _messages()
    yield from _differences()


def _messages() -> Iterator[Queue]:
    unmatched = dues.unmatched_events().order_by(None).subquery()
    odd = dues.refunds_to_look_at().order_by(None).options().subquery()
    disputes = dues.open_disputes().order_by(None).options().subquery()
    asked = approvals().order_by(None).options().subquery()
    lost, refunds, disputed, (_, due), second = _counted(
        (unmatched, unmatched.c.heard_at), (odd, odd.c.made_at), (disputes, disputes.c.opened_at),
        (disputes, disputes.c.evidence_due_at), (asked, asked.c.proposed_at),
    )  # fmt: skip
    within, page = "cleared within a day", "dues_staff.events"
    yield _queue("Card messages without a match", page, *lost, within, state="unmatched")
    yield _queue("Refunds to look at", "dues_staff.refunds", *refunds, "seen to within 3 days")
    yield _queue("For a second person", "dues_staff.approvals", *second, "decided within 3 days")
    answer = f"evidence by {due.day} {due:%b}" if due else "evidence within a week"
    yield _queue("Disputed card payments", "dues_staff.disputes", *disputed, answer)


def _differences() -> Iterator[Queue]:
    last = dues.last_report()
    if last and last.rows:
        facts, within = (len(last.rows), last.on), "cleared within 3 days"
        yield _queue("Differences with the card processor", "dues_staff.provider", *facts, within)


def _counted(*asked: tuple[Subquery, ColumnElement[Any]]) -> list[tuple[int, Any]]:
    """Of each how many, and the earliest, a day or an instant; one statement for all."""
    parts = [
        select(func.count().label("count"), func.min(day).label("first"))
        .select_from(rows)
        .subquery()
        for rows, day in asked
    ]
    query = select(*(column for part in parts for column in part.c)).select_from(parts[0])
    for part in parts[1:]:
        query = query.join(part, true())  # each is one row
    found = db.session.execute(query).one()
    return list(zip(found[::2], found[1::2], strict=True))


def _missed_roles() -> Iterator[Queue]:
    missed = members.missed_vacancies().order_by(None).subquery()
    dead = members.bounced().order_by(None).subquery()
    called, asked = _counted((missed, missed.c.due_on), (dead, dead.c.since_at))
    yield _queue("Firms to call about a role", "members_staff.vacancies", *called, "named by then")
    yield _queue("Addresses that bounce", "members_staff.bounced", *asked, "asked about in 3 days")


def _reviews() -> Iterator[Queue]:
    waits = proposals.waiting()
    yield _queue("Proposals of members", "library_staff.proposed", *waits, "answered in 5 days")
    said = remarks.waiting()
    yield _queue(
        "Reports and questions", "library_staff.remarks_made", *said, "answered in 5 days"
    )
    sent, due = library.waiting_for_editors(today())
    where = "library_staff.index"
    yield _queue(
        "Practices sent to review", where, *sent, "answered in 5 days", status="in_review"
    )
    where = "library_staff.due_for_review"
    yield _queue("Practices to read again", where, *due, "read within 30 days")


def _stale_bills() -> Iterator[Queue]:
    facts = legislation.stale(today())
    yield _queue("Bills gone stale", "legislation_staff.index", *facts, "checked within 30 days")


def _works() -> Iterator[Queue]:
    where = "association_staff.jobs"
    yield _queue("Jobs that are late", where, jobs.overdue(), None, "10 minutes at most")
    yield _queue("Mail that has not left", where, mail.waiting(), None, "15 minutes at most")


SOURCES = (
    (P.APPLICATIONS_REVIEW, _applications),
    (P.FIRMS_MANAGE, _missed_roles),
    (P.DUES_READ, _overdue),
    (P.LIBRARY_WRITE, _reviews),
    (P.BILLS_MANAGE, _stale_bills),
    (P.JOBS_READ, _works),
)


def _ageing() -> list[dues.Bucket]:
    """Asked once a request, for the queues and for the chart."""
    if "ageing" not in g:
        g.ageing = dues.ageing(today())
    found: list[dues.Bucket] = g.ageing
    return found


def ageing_chart() -> tuple[Chart, int, list[Money]]:
    """Unpaid invoices by age, how many, and what they come to in each currency."""
    found = _ageing()
    names = dict.fromkeys(one.name for one in found)
    kinds = {"not yet due": "k3", "1 to 30 days": "k2", "over 90 days": "kr"}
    points = [
        Point(
            name, sum(one.count for one in found if one.name == name), kind=kinds.get(name, "kx")
        )
        for name in names
    ]
    words = Words("Unpaid invoices by age", ("Age", "Invoices"), "Nothing is unpaid.")
    sums: dict[str, int] = {}
    for one in found:
        sums[one.currency] = sums.get(one.currency, 0) + one.minor
    money = [Money(minor, currency) for currency, minor in sums.items()]
    return bars(points, words), sum(one.count for one in found), money


@dataclass(frozen=True)
class Found:
    what: str
    name: str
    url: str
    more: str


def find(text: str, reader: Person) -> list[Found]:
    """People, firms, invoices and bills by a few letters; each statement is limited."""
    return [
        *_firms(text),
        *_people(text),
        *(_invoices(text) if reader.may(P.DUES_READ) else ()),
        *_bills(text),
    ]


def _firms(text: str) -> Iterator[Found]:
    from_firms = select(Organization).where(
        Organization.name.icontains(text, autoescape=True),
        Organization.id.not_in(merged_away(Organization)),
    )
    for one in db.session.scalars(from_firms.order_by(Organization.name).limit(8)):
        url = url_for("members_staff.show", organization_id=one.id)
        yield Found("Firm", one.name, url, one.country)


def _people(text: str) -> Iterator[Found]:
    is_like = Person.display_name.icontains(text, autoescape=True)
    is_like |= Person.email.icontains(text, autoescape=True)
    query = (
        select(Person, Organization)
        .outerjoin(
            Affiliation, (Affiliation.person_id == Person.id) & Affiliation.until_on.is_(None)
        )
        .outerjoin(Organization, Organization.id == Affiliation.organization_id)
        .where(is_like)
    )
    for person, firm in db.session.execute(query.order_by(Person.display_name).limit(8)):
        url = url_for("members_staff.show", organization_id=firm.id) if firm else ""
        yield Found("Person", person.display_name, url, firm.name if firm else person.email)


def _invoices(text: str) -> Iterator[Found]:
    for one in db.session.scalars(dues.invoices(text=text).limit(8)):
        url = url_for("dues_staff.show", invoice_id=one.id)
        yield Found("Invoice", one.number, url, f"{one.bill_to['name']}, {one.total}")


def _bills(text: str) -> Iterator[Found]:
    for one in db.session.scalars(legislation.listed(legislation.Filters(text=text)).limit(8)):
        url = url_for("legislation.show", measure_id=one.id)
        yield Found("Bill", f"{one.number}, {one.title}", url, one.place.name)
