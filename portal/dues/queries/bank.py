"""Bank lines: what waits, for how long, what each may pay, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.core.merging import names_of, winners
from portal.core.money import Money
from portal.dues.matching import Came, Claim, Proposal, numbers_in, propose
from portal.dues.models import FEES, MARKS, BankLine, BankMatch, Invoice, Payment
from portal.dues.queries.booked import booked_proposals
from portal.dues.queries.invoices import owed, payer_name
from portal.dues.queries.outgoing import refund_proposals
from portal.dues.queries.payouts import payout_proposals
from portal.dues.queries.reversals import never_came
from portal.dues.queries.slips import slip_proposals
from portal.dues.recognising import rather
from portal.members.models import Organization

UNEXPLAINED = Proposal(None, 0, "No refund is as much and went to a name like this.")
AGES = ((7, "up to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"), (None, "over 90 days"))


def _match(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the line has a match that is not undone, of which all this is true."""
    live = BankMatch.line_id == BankLine.id, BankMatch.undone_at.is_(None)
    return select(BankMatch.id).where(*live, *conditions).correlate(BankLine).exists()


def _states() -> dict[str, ColumnElement[bool]]:
    known = (
        BankMatch.payment_id, BankMatch.payout_id, BankMatch.refund_id, BankMatch.reversal_id,
    )  # fmt: skip
    is_fee = func.coalesce(BankMatch.purpose.in_(FEES), false())
    found = *(one.is_not(None) for one in known), is_fee
    return {
        "todo": and_(BankLine.minor > 0, ~_match()),
        "matched": _match(or_(*found)),
        "aside": _match(*(~one for one in found)),
        "left": and_(BankLine.minor < 0, ~_match()),
    }


def bank_lines(state: str = "", text: str = "") -> Select[BankLine]:
    """Newest first, what is to be done oldest first; `state` is todo, matched, aside or left."""
    query = select(BankLine)
    if state in _states():
        query = query.where(_states()[state])
    if text:
        columns = BankLine.counterparty, BankLine.text, BankLine.counterparty_account
        query = query.where(or_(*(one.icontains(text, autoescape=True) for one in columns)))
    if state in ("todo", "left"):
        return query.order_by(BankLine.booked_on, BankLine.id)
    return query.order_by(BankLine.booked_on.desc(), BankLine.id.desc())


def bank_counts() -> dict[str, int]:
    """How many lines are in each state: one statement."""
    sums = [
        func.coalesce(func.sum(case((one, 1), else_=0)), 0).label(name)
        for name, one in _states().items()
    ]
    return dict(db.session.execute(select(*sums)).one()._mapping)


@dataclass(frozen=True)
class Suspense:
    """Money of unknown payers in one currency, by days since it came; the ages are AGES."""

    currency: str
    counts: tuple[int, ...]
    minor: tuple[int, ...]

    @property
    def total(self) -> Money:
        return Money(sum(self.minor), self.currency)


def suspense(on: date) -> list[Suspense]:
    """What came in and is nobody's yet."""
    late = [BankLine.booked_on >= on - timedelta(days=days) for days, _ in AGES if days]
    age = case(*((one, n) for n, one in enumerate(late)), else_=len(late)).label("age")
    query = (
        select(BankLine.currency, age, func.count(), func.sum(BankLine.minor))
        .where(_states()["todo"])
        .group_by(BankLine.currency, age)
    )
    found: dict[str, tuple[list[int], list[int]]] = {}
    for currency, n, count, minor in db.session.execute(query):
        counts, sums = found.setdefault(currency, ([0] * len(AGES), [0] * len(AGES)))
        counts[n], sums[n] = count, int(minor)
    return [Suspense(code, tuple(a), tuple(b)) for code, (a, b) in sorted(found.items())]


def live_matches(line_ids: Iterable[int]) -> dict[int, BankMatch]:
    """What became of each line, where something did."""
    query = select(BankMatch).where(
        BankMatch.line_id.in_(list(line_ids)), BankMatch.undone_at.is_(None),
        BankMatch.part_of_id.is_(None),
    )  # fmt: skip
    shown = (
        BankMatch.payment, BankMatch.organization, BankMatch.payout, BankMatch.refund,
        BankMatch.reversal,
    )  # fmt: skip
    found = db.session.scalars(query.options(*(joinedload(one) for one in shown)))
    return {one.line_id: one for one in found}


def undone_matches(line: BankLine) -> Sequence[BankMatch]:
    query = select(BankMatch).where(
        BankMatch.line_id == line.id, BankMatch.undone_at.is_not(None),
        BankMatch.part_of_id.is_(None),
    )  # fmt: skip
    return db.session.scalars(query.order_by(BankMatch.id.desc())).all()


def payment_of(line: BankLine) -> Payment | None:
    """The money of a line in the books, if it was booked; undoing a match leaves it there."""
    query = select(Payment).where(Payment.external_id.in_(line.external_ids), ~never_came())
    return db.session.scalar(query)


def free_name(line: BankLine) -> str | None:
    """What its next payment is called: those before it were reversed. None when none is left."""
    query = select(Payment.external_id).where(Payment.external_id.in_(line.external_ids))
    taken = set(db.session.scalars(query))
    return next((one for one in line.external_ids if one not in taken), None)


def match_of(payment: Payment) -> BankMatch | None:
    """The match that holds of the line that brought a payment."""
    live = BankMatch.payment_id == payment.id, BankMatch.undone_at.is_(None)
    return db.session.scalars(select(BankMatch).where(*live)).one_or_none()


def bank_line_of(payment: Payment) -> BankLine | None:
    """The line of a statement that a payment was booked from, or that shows it."""
    mark, _, key = (payment.external_id or "").partition(":")
    if mark in MARKS:
        return db.session.scalar(select(BankLine).where(BankLine.key == key))
    match = match_of(payment)
    return match.line if match else None


def proposals(lines: Sequence[BankLine]) -> dict[int, Proposal]:
    """What each line is: a payout, payment or refund that is booked already, or what it would pay.

    A few statements, however many lines.
    """
    came = _came(lines)
    pays, paid_out = _payments(lines, came), payout_proposals(lines)
    booked = booked_proposals(lines, came) | refund_proposals(lines, came)
    slips = slip_proposals(lines, {one.payment_id for one in booked.values() if one.payment_id})
    booked = slips | booked
    found = {
        line.id: (rather(booked.get(line.id), pays[line.id]), paid_out.get(line.id))
        for line in lines
    }
    return {
        number: max(payout or pay, pay, key=lambda one: one.confidence)
        for number, (pay, payout) in found.items()
    }


def _came(lines: Sequence[BankLine]) -> dict[int, Came]:
    """Each line as matching sees it."""
    series = db.session.scalars(select(Invoice.series).distinct()).all() if lines else []
    known = _holders({line.holder for line in lines if line.holder})
    return {
        line.id: Came(
            line.money, line.counterparty, numbers_in(line.text, series),
            known.get(line.holder, set()), line.booked_on,
        )
        for line in lines
    }  # fmt: skip


def _payments(lines: Sequence[BankLine], came: Mapping[int, Came]) -> dict[int, Proposal]:
    numbers = {number for one in came.values() for number in one.numbers}
    claims = _claims(numbers, {line.minor for line in lines})
    return {
        line.id: propose(came[line.id], claims) if line.came_in else UNEXPLAINED for line in lines
    }


def _holders(names: set[str]) -> dict[str, set[int]]:
    """The firms for whom each account holder paid before, by matches that were never undone."""
    if not names:
        return {}
    query = (
        select(BankLine.holder, BankMatch.organization_id)
        .join(BankMatch, BankMatch.line_id == BankLine.id)
        .where(
            BankLine.holder.in_(names), BankMatch.undone_at.is_(None),
            BankMatch.organization_id.is_not(None), BankMatch.payment_id.is_not(None),
        )
        .distinct()
    )  # fmt: skip
    found: dict[str, set[int]] = {}
    for holder, firm_id in db.session.execute(query):
        found.setdefault(holder, set()).add(int(firm_id or 0))
    return found


def firm_of_holder(line: BankLine) -> int | None:
    """The one firm for whom this account holder paid before."""
    found = _holders({line.holder}).get(line.holder, set()) if line.holder else set()
    return next(iter(found)) if len(found) == 1 else None


def _claims(numbers: set[str], amounts: set[int]) -> list[Claim]:
    """The invoices that are named, and those on which just one of these amounts is owed."""
    if not numbers and not amounts:
        return []
    left = owed()
    early = case(
        (and_(left == Invoice.total_minor, Invoice.early_minor > 0), left - Invoice.early_minor),
        else_=0,
    )
    query = select(
        Invoice.id, Invoice.number, payer_name(), Invoice.organization_id,
        Invoice.currency, left, Invoice.due_on, early, Invoice.early_until_on,
    ).where(
        or_(
            Invoice.number.in_(numbers),
            and_(left > 0, or_(left.in_(amounts), early.in_(amounts))),
        )
    )  # fmt: skip
    now = winners(Organization)
    return [
        Claim(a, b, c, now.get(firm, firm), d, int(minor), due, int(less), until)
        for a, b, c, firm, d, minor, due, less, until in db.session.execute(query)
    ]


def open_invoices(line: BankLine, text: str, firm_id: int | None) -> list[Invoice]:
    """For choosing by hand: those a text finds, else the firm's own, in the line's currency."""
    if not text and not firm_id:
        return []
    query = select(Invoice).where(Invoice.currency == line.currency, owed() > 0)
    if text:
        owes = Invoice.bill_to["name"].as_string().icontains(text, autoescape=True)
        asked = payer_name().icontains(text, autoescape=True)
        query = query.where(or_(Invoice.number.icontains(text, autoescape=True), owes, asked))
    elif firm_id:
        query = query.where(Invoice.organization_id.in_(names_of(Organization, firm_id)))
    return list(db.session.scalars(query.order_by(Invoice.due_on, Invoice.id).limit(20)))
