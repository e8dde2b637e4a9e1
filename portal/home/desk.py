"""The staff desk's queues: what waits, how much of it, since when, and what was promised."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import g, url_for
from sqlalchemy import func, select

from portal.accounts.models import Person
from portal.association.queries import association, today
from portal.core import jobs, mail
from portal.core.access import Permission
from portal.core.charts import Chart, Point, Words, bars
from portal.core.db import db
from portal.core.money import Money
from portal.dues import queries as dues
from portal.joining import queries as joining
from portal.legislation import queries as legislation
from portal.library import queries as library
from portal.members.models import Affiliation, Organization
from portal.members.terms import add_months

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
    day = since.date() if isinstance(since, datetime) else since
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
    """Money without an invoice, credit grown old, refunds and disputes: in one statement."""
    before = add_months(today(), -24)
    loose = dues.unallocated().order_by(None).subquery()
    unmatched = dues.unmatched_events().order_by(None).subquery()
    old = dues.old_credit(before).order_by(None).subquery()
    odd = dues.refunds_to_look_at().order_by(None).options().subquery()
    disputes = dues.open_disputes().order_by(None).options().subquery()
    due = select(func.min(disputes.c.evidence_due_at)).scalar_subquery()
    days = (
        loose.c.received_on, unmatched.c.heard_at, old.c.received_on, odd.c.made_at,
        disputes.c.opened_at,
    )  # fmt: skip
    counts = (select(func.count(day)).scalar_subquery() for day in days)
    firsts = (select(func.min(day)).scalar_subquery() for day in days)
    row = db.session.execute(select(due, *counts, *firsts)).one()
    answer = f"evidence by {row[0].day} {row[0]:%b}" if row[0] else "evidence within a week"
    named = (
        ("Money without an invoice", "unallocated", "placed within 3 days"),
        ("Card events without a match", "unallocated", "cleared within a day"),
        ("Payers' credit grown old", "unallocated", "asked about after 24 months"),
        ("Refunds to look at", "refunds", "seen to within 3 days"),
        ("Disputed card payments", "disputes", answer),
    )
    for (name, endpoint, said), count, first in zip(named, row[1:6], row[6:], strict=True):
        yield _queue(name, f"dues_staff.{endpoint}", count, first, said)


def _reviews() -> Iterator[Queue]:
    facts = library.reviews_due(today())
    yield _queue("Practices to review", "library_staff.index", *facts, "read within 30 days")


def _stale_bills() -> Iterator[Queue]:
    facts = legislation.stale(today())
    yield _queue("Bills gone stale", "legislation_staff.index", *facts, "checked within 30 days")


def _works() -> Iterator[Queue]:
    where = "association_staff.jobs"
    yield _queue("Jobs that are late", where, jobs.overdue(), None, "10 minutes at most")
    yield _queue("Mail that has not left", where, mail.waiting(), None, "15 minutes at most")


SOURCES = (
    (P.APPLICATIONS_REVIEW, _applications),
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
    """People, firms and invoices by a few letters; each statement is limited."""
    return [
        *_firms(text),
        *_people(text),
        *(_invoices(text) if reader.may(P.DUES_READ) else ()),
    ]


def _firms(text: str) -> Iterator[Found]:
    from_firms = select(Organization).where(Organization.name.icontains(text, autoescape=True))
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
