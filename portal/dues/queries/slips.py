"""Bank lines that are several cheques at once, and the cheques that they may be."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Select, select

from portal.core.db import db
from portal.core.filters import day
from portal.dues.matching import Ground, Proposal
from portal.dues.models import BankLine, BankMatch, Payment, PaymentMethod
from portal.dues.queries.booked import payments_without_line
from portal.dues.recognising import BEFORE, LONGEST, figures

CARRIED = (PaymentMethod.CHEQUE, PaymentMethod.CASH)  # what is brought to the bank


def parts_of(match: BankMatch) -> Sequence[BankMatch]:
    """The other payments of a line that is several at once."""
    live = BankMatch.part_of_id == match.id, BankMatch.undone_at.is_(None)
    return db.session.scalars(select(BankMatch).where(*live).order_by(BankMatch.id)).all()


def carried_before(line: BankLine) -> Sequence[Payment]:
    """Cheques and cash that no line shows, each less than this line: for choosing by hand."""
    if not line.came_in:
        return []
    less = Payment.amount_minor < line.minor, Payment.currency == line.currency
    return db.session.scalars(_carried([line]).where(*less).limit(50)).all()


def _carried(lines: Sequence[BankLine]) -> Select[Payment]:
    days = [line.booked_on for line in lines]
    first, last = min(days) - timedelta(days=LONGEST), max(days) + timedelta(days=BEFORE)
    near = Payment.received_on.between(first, last)
    return payments_without_line().where(Payment.method.in_(CARRIED), near)


def slip_proposals(lines: Sequence[BankLine], taken: Collection[int]) -> dict[int, Proposal]:
    """The slip that each line is the sum of, by its number or its day. One statement.

    No cheque is proposed for two lines, and none that is `taken` by a line of its own.
    """
    came = [line for line in lines if line.came_in]
    left = (
        [one for one in db.session.scalars(_carried(came)) if one.id not in taken] if came else []
    )
    found: dict[int, Proposal] = {}
    for line in came if left else ():
        slip = _slip_of(line, left)
        if slip:
            found[line.id] = slip
            left = [one for one in left if one.id not in slip.payment_ids]
    return found


def _slip_of(line: BankLine, left: Sequence[Payment]) -> Proposal | None:
    near = [
        one for one in left
        if one.currency == line.currency
        and -BEFORE <= (line.booked_on - one.received_on).days <= LONGEST
    ]  # fmt: skip
    for cheques in _slips(near).values():
        if len(cheques) > 1 and sum(one.amount_minor for one in cheques) == line.minor:
            return _proposal(line, cheques)
    return None


def _slips(cheques: Sequence[Payment]) -> Mapping[tuple[date, str], list[Payment]]:
    """By slip, then by day: those of a slip have its number before the comma of their note."""
    found: dict[tuple[date, str], list[Payment]] = {}
    for one in cheques:
        slip = one.note.partition(",")[0] if one.note.startswith("Slip ") else ""
        for key in {(one.received_on, slip), (one.received_on, "")}:
            found.setdefault(key, []).append(one)
    return dict(sorted(found.items(), reverse=True))


def _proposal(line: BankLine, cheques: Sequence[Payment]) -> Proposal:
    named = [one for one in cheques if figures(one.note) & figures(line.text)]
    is_sure = len(named) == len(cheques)
    what = (
        f"the {len(cheques)} payments that were entered by hand for {day(cheques[0].received_on)}"
    )
    why = f"It names the slip of {what}." if is_sure else f"It is as much as {what} together."
    ground = Ground.REFERENCE if is_sure else Ground.KNOWN_HOLDER
    ids = tuple(one.id for one in cheques)
    return Proposal(ground, 100 if is_sure else 78, why, payment_ids=ids)
