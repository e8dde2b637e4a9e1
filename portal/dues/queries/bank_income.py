"""Bank lines that are income without an invoice: what each was taken as, and the proof."""

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, or_, select

from portal.core.db import db
from portal.core.merging import merged_away
from portal.dues.models import Account, BankIncome, BankLine, BankMatch, Posting
from portal.dues.queries.reversals import is_reversed
from portal.members.models import Organization

TAKEN, UNDONE = "bank-income:", "bank-income-undone:"


def income_journals() -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The journals of a match that may be income, and of its undoing."""
    number = cast(BankMatch.id, String)
    return literal(TAKEN) + number, literal(UNDONE) + number


def incomes(match_ids: Iterable[int]) -> dict[int, BankIncome]:
    """What each of these matches is income of now, where it is any. One statement."""
    asked = list(match_ids)
    names = [f"{name}{one}" for one in asked for name in (TAKEN, UNDONE)]
    query = select(Posting.journal, Posting.income).where(
        Posting.journal.in_(names), Posting.account == Account.INCOME
    )
    found = {journal: str(income) for journal, income in db.session.execute(query)}
    return {
        one: BankIncome(found[f"{TAKEN}{one}"]) for one in asked
        if f"{TAKEN}{one}" in found and f"{UNDONE}{one}" not in found
    }  # fmt: skip


def firms_named(names: Iterable[str], text: str) -> dict[int, str]:
    """Firms of the register by one of these names, and those that a text finds, by number."""
    same = func.lower(Organization.name).in_([name.lower() for name in names if name])
    wanted = or_(same, Organization.name.icontains(text, autoescape=True)) if text else same
    query = select(Organization.id, Organization.name).where(
        wanted, Organization.id.not_in(merged_away(Organization))
    )
    rows = db.session.execute(query.order_by(~same, Organization.name, Organization.id).limit(20))
    return {int(number): name for number, name in rows}


def bank_income_faults() -> Iterator[str]:
    """Nothing when each such line is income as it came, until it is undone or its money left."""
    taken, undone = income_journals()
    ours = Posting.journal.in_((taken, undone)), Posting.account == Account.INCOME
    total = select(func.coalesce(-func.sum(Posting.minor), 0)).where(*ours)
    booked = total.correlate(BankMatch).scalar_subquery()
    was = select(Posting.id).where(Posting.journal == taken).correlate(BankMatch).exists()
    stays = and_(BankMatch.undone_at.is_(None), ~is_reversed())
    meant = case((stays, BankLine.minor), else_=0)
    query = (
        select(BankMatch.id, meant, booked)
        .join(BankMatch.line)
        .join(BankMatch.payment)
        .where(was, booked != meant)
    )
    for match_id, minor, income in db.session.execute(query):
        yield f"Income of bank match {match_id}: {minor} came, {income} booked."
