"""Booking the bank lines that need nobody to choose."""

from collections.abc import Sequence

from portal.accounts.models import Person
from portal.core.db import db
from portal.core.states import Refused
from portal.dues.actions.matches import book, book_payment, book_payout, book_slip
from portal.dues.actions.outgoing import book_refund
from portal.dues.matching import Ground, Proposal
from portal.dues.models import BankLine, Invoice, Payment, Payout, Refund
from portal.dues.queries.bank import proposals

CHUNK = 100


def book_certain(lines: Sequence[BankLine], by: Person | None = None) -> int:
    """Book the lines that name what they are, to the last cent; how many were."""
    booked = 0
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        found = proposals(chunk)
        for line in chunk:
            if found[line.id].ground is Ground.REFERENCE:
                booked += _is_booked(line, found[line.id], by)
    return booked


def _is_booked(line: BankLine, found: Proposal, by: Person | None) -> bool:
    """False where it cannot be now: an earlier line paid the same invoice, or a day to come."""
    said = Ground.REFERENCE, found.why, by
    try:
        if found.payout_id:
            book_payout(line, db.session.get_one(Payout, found.payout_id), *said)
        elif found.payment_id:
            book_payment(line, db.session.get_one(Payment, found.payment_id), *said)
        elif found.payment_ids:
            cheques = [db.session.get_one(Payment, one) for one in found.payment_ids]
            book_slip(line, cheques, *said)
        elif found.refund_id:
            book_refund(line, db.session.get_one(Refund, found.refund_id), *said)
        else:
            shares = [(db.session.get_one(Invoice, one), minor) for one, minor in found.shares]
            book(line, shares, *said)
    except Refused:
        return False
    return True
