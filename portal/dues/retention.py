"""What a bank told of a movement goes after some years; what was booked from it stays."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, false, func, or_, select

from portal.accounts.retention import RULES, Rule, Unit, held_people
from portal.core.db import db
from portal.core.merging import older_ids
from portal.dues.models import BankFile, BankLine, BankMatch, Invoice, Payment, Posting
from portal.members.models import Affiliation, Organization


def forget_lines(before: datetime) -> None:
    """With what became of each; a statement goes when none of its lines is left."""
    old = (BankLine.booked_on < before.date()) & ~_is_of_held()
    lines = select(BankLine.id).where(old)
    has_lines = exists().where(BankLine.file_id == BankFile.id)
    for gone in (
        delete(BankMatch).where(BankMatch.line_id.in_(lines)),
        delete(BankLine).where(old),
        delete(BankFile).where(BankFile.read_at < before, ~has_lines),
    ):
        db.session.execute(gone.execution_options(synchronize_session="fetch"))


def _is_of_held() -> ColumnElement[bool]:
    """True of lines of somebody whose data must be kept.

    Theirs is what bears their name, and what paid an invoice to them or to a firm of theirs, the
    firms that they left included.
    """
    people = held_people()
    if not people:
        return false()
    numbers = [one.id for one in people]
    at = select(Affiliation.organization_id).where(Affiliation.person_id.in_(numbers))
    firms = set(db.session.scalars(at))
    firms |= set(older_ids(Organization, firms))
    emails = [one.email for one in people]
    columns = (Invoice.bill_to["email"], Invoice.paid_by["email"])
    to_them = or_(*(func.lower(one.as_string()).in_(emails) for one in columns))
    billed = select(Posting.payment_id).join(Posting.invoice).where(to_them)
    paid = select(BankMatch.line_id).join(BankMatch.payment)
    paid = paid.where(or_(Payment.organization_id.in_(firms), Payment.id.in_(billed)))
    paid = paid.correlate(None)  # and not of the matches that are about to go around it
    return or_(_names_one_of({one.display_name for one in people}), BankLine.id.in_(paid))


def _names_one_of(names: set[str]) -> ColumnElement[bool]:
    """In whatever capitals; banks write all of a name in them, and SQLite knows those of ASCII."""
    written = {way(name) for name in names for way in (str, str.upper, str.lower, str.title)}
    lower = [name.lower() for name in names]
    column = BankLine.counterparty
    return or_(func.lower(column).in_(lower), column.in_(sorted(written)))


RULES.append(
    Rule("bank_lines", "Lines of bank statements, with names and accounts", 10,
         "after they were booked", forget_lines, Unit.YEARS, least=5, most=50)
)  # fmt: skip
