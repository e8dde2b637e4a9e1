"""Terms of membership with their history: past ones as they were, never edited afterwards."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.association.queries import association, today
from portal.core.db import Model, db
from portal.dues.queries import current_tariff, last_currency
from portal.dues.seat_prices import included_seats
from portal.exchange import cells
from portal.exchange.fields import Field, Problem, Read, Record
from portal.exchange.kinds.finding import FIRM_FIELDS, Firms, firm_problems
from portal.exchange.plans import Plan, Seen, Staged, words
from portal.members.models import CLASS_NAMES, Membership, MembershipClass, Organization, Term
from portal.members.queries import type_of

FIELDS = (
    Field("id", cells.row_id, ("term id",), is_fixed=True),
    *FIRM_FIELDS,
    Field("class", cells.one_of(MembershipClass, CLASS_NAMES), ("membership class", "type",
          "membership type", "kind"), is_fixed=True),
    Field("start_on", cells.day, ("start", "from", "first day", "begins"), is_fixed=True),
    Field("end_on", cells.day, ("end", "until", "last day", "expires", "expiry"), is_fixed=True),
    Field("grace_until_on", cells.day, ("grace until",), is_fixed=True),
    Field("ended_early_on", cells.day, ("ended early",), is_fixed=True),
    Field("end_reason", cells.text, ("reason",), is_fixed=True),
    Field("cancelled_on", cells.day, ("cancelled",), is_fixed=True),
    Field("price", cells.text, ("dues", "amount"), is_fixed=True),
    Field("currency", cells.currency, (), is_fixed=True),
    Field("membership_since_on", cells.day, ("member since", "joined"), is_fixed=True),
    Field("membership_ended_on", cells.day, ("membership ended",), is_fixed=True),
)  # fmt: skip
NEEDED = {"class": "class", "start_on": "first day", "end_on": "last day"}
NEVER_EDITED = ("start_on", "end_on", "grace_until_on", "ended_early_on", "end_reason")


class TermRows:
    """Some rows of terms beside the memberships of the firms that they name."""

    def __init__(self, reads: Sequence[Read], seen: Seen) -> None:
        self.seen = seen
        self.firms = Firms()
        self.firms.load([one.record for one in reads])
        self.held: dict[int, list[Membership]] = defaultdict(list)
        self.terms: dict[int, Term] = {}
        self.books: dict[tuple[date, str], dict[str, Any] | None] = {}
        self.grace: dict[MembershipClass, timedelta] = {}
        pays_in = select(Organization.id, last_currency(Organization.id))
        pays_in = pays_in.where(Organization.id.in_(list(self.firms.by_id)))
        self.pays_in = dict(db.session.execute(pays_in).all())
        query = select(Membership).where(Membership.organization_id.in_(list(self.firms.by_id)))
        for one in db.session.scalars(query.options(selectinload(Membership.terms))):
            self.held[one.organization_id].append(one)
            self.terms |= {term.id: term for term in one.terms}

    def stage(self, read: Read) -> Staged:
        record, answer = read.record, self.firms.find(read.record)
        errors = [
            Problem(name, f"A term needs its {what}.")
            for name, what in NEEDED.items()
            if read.lacks(name)
        ]
        label = answer.firm.name if answer.firm else record.get("firm", f"line {read.line}")
        staged = Staged(label, conflicts=firm_problems(answer), errors=errors)
        if answer.firm is None or errors or read.problems:
            return staged
        staged.label = f"{label}, {record['start_on']} to {record['end_on']}"
        found = self._existing(answer.firm, record)
        staged.found, staged.is_new = (answer.firm, found), found is None
        if found:
            staged.names = [("term", found.id)]
            staged.conflicts += _edits(found, record)
            staged.ignored = frozenset(one.name for one in FIELDS)
        else:
            staged.names = [("term", answer.firm.id, record["class"], record["start_on"])]
            staged.ignored = frozenset({"id", *(one.name for one in FIRM_FIELDS)})
            staged.errors += _impossible(record)
            staged.conflicts += self._overlaps(answer.firm, record, read.line)
        return staged

    def _existing(self, firm: Organization, record: Record) -> Term | None:
        known = self.terms.get(record.get("id", 0))
        if known and known.membership.organization_id == firm.id:
            return known
        return next(
            (
                term for one in self.held[firm.id] for term in one.terms
                if one.kind == record["class"] and term.start_on == record["start_on"]
                and (term.cancelled_at is None or "cancelled_on" in record)
            ),
            None,
        )  # fmt: skip

    def _overlaps(self, firm: Organization, record: Record, line: int) -> list[Problem]:
        if "cancelled_on" in record:
            return []
        start, last = record["start_on"], record.get("ended_early_on") or record["end_on"]
        for term in (term for one in self.held[firm.id] for term in one.terms):
            end = min(term.end_on, term.ended_early_on or term.end_on)
            same = term.membership.kind == record["class"] and term.cancelled_at is None
            if same and term.start_on <= last and end >= start:
                said = f"{firm.name} has a term from {term.start_on} to {end} already."
                return [Problem("start_on", said)]
        spans = self.seen.spans[firm.id, record["class"]]
        for first, end, other in spans:
            if first <= last and end >= start and other != line:
                return [Problem("start_on", f"Line {other} has a term on some of these days.")]
        spans.append((start, last, line))
        return []

    def _grace(self, values: Record) -> date:
        """The last day of grace, as the class has it now when the file says nothing."""
        kind = values["class"]
        if kind not in self.grace:
            self.grace[kind] = timedelta(days=type_of(kind).grace_days)
        last: date = values["end_on"]
        return last + self.grace[kind]

    def _snapshot(self, firm: Organization, values: Record) -> dict[str, Any]:
        """What was paid elsewhere is a fact of the file, not a price of ours; the seats are as the
        firm's tariff of its first day, or today's for a day before any, includes them.
        """
        start = values["start_on"]
        pays_in = self.pays_in.get(firm.id) or values.get("currency") or association().currency
        if (start, pays_in) not in self.books:
            tariff = current_tariff(start, pays_in) or current_tariff(today(), pays_in)
            self.books[start, pays_in] = tariff.whole_book if tariff else None
        book = self.books[start, pays_in]
        seats = included_seats(book, values["class"].value) if book else None
        found: dict[str, Any] = {"imported": True, "seats": seats}
        if "price" in values:
            currency = values.get("currency", "EUR")
            found |= {"currency": currency, "total": cells.amount(values["price"], currency)}
        return found

    def write(self, plan: Plan) -> list[Model]:
        firm, _ = plan.staged.found
        values, made = plan.values, []
        ended = values.get("membership_ended_on")
        held = next(
            (
                one for one in self.held[firm.id]
                if one.kind == values["class"] and one.ended_on == ended
            ),
            None,
        )  # fmt: skip
        since = values.get("membership_since_on") or values["start_on"]
        if held is None:
            held = Membership(
                organization=firm, kind=values["class"], since_on=since, ended_on=ended,
                end_reason="imported" if ended else None,
            )  # fmt: skip
            self.held[firm.id].append(held)
            made.append(held)
        held.since_on = min(held.since_on, since)
        term = Term(
            membership=held, sequence=max((one.sequence for one in held.terms), default=0) + 1,
            start_on=values["start_on"], end_on=values["end_on"],
            grace_until_on=values.get("grace_until_on") or self._grace(values),
            ended_early_on=values.get("ended_early_on"), end_reason=values.get("end_reason"),
            cancelled_at=_noon(values.get("cancelled_on")),
            price_snapshot=self._snapshot(firm, values),
        )  # fmt: skip
        plan.touched = [] if made else [held]
        db.session.add_all([*made, term])
        return [*made, term]


def _noon(day: date | None) -> datetime | None:
    return datetime.combine(day, time(12), UTC) if day else None


def _impossible(record: Record) -> list[Problem]:
    found = []
    if record["end_on"] < record["start_on"]:
        found.append(Problem("end_on", "The last day is before the first."))
    if record.get("grace_until_on", record["end_on"]) < record["end_on"]:
        found.append(Problem("grace_until_on", "Grace ends before the term does."))
    if "price" in record:
        try:
            cells.amount(record["price"], record.get("currency", ""))
        except (ValueError, KeyError):
            found.append(Problem("price", "A price needs its currency, and figures like 1209.50."))
    return found


def _edits(term: Term, record: Record) -> list[Problem]:
    """A term stays as it is: a row that says otherwise is for a person to look at."""
    return [
        Problem(name, f"Terms are never edited: here it says {words(getattr(term, name)) or '–'}.")
        for name in NEVER_EDITED
        if name in record and words(getattr(term, name)) != words(record[name])
    ]
