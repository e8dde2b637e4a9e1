"""What the firms of a group pay, beside the cap."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from sqlalchemy import func, select

from portal.association.queries import association, today
from portal.core.db import db
from portal.core.merging import winners
from portal.core.money import Money, half_up
from portal.dues.models import Account, Invoice, Posting
from portal.dues.queries.invoices import owed
from portal.dues.queries.tariffs import current_tariff
from portal.dues.rules import exact
from portal.members.groups import Figure
from portal.members.models import Organization

YEAR = timedelta(days=365)


def dues_of_year() -> dict[int, int]:
    """Dues charged in twelve months less what was credited, by firm, in the home currency."""
    query = (
        select(Posting.organization_id, -func.sum(Posting.minor))
        .where(Posting.account == Account.INCOME, Posting.income == "dues")
        .where(Posting.currency == association().currency, Posting.on > today() - YEAR)
        .where(Posting.organization_id.is_not(None))
        .group_by(Posting.organization_id)
    )
    merged, found = winners(Organization), dict[int, int]()
    for firm_id, minor in db.session.execute(query):
        assert firm_id is not None  # noqa: S101 - the statement leaves those out
        number = merged.get(firm_id, firm_id)
        found[number] = found.get(number, 0) + int(minor)
    return found


def dues_figure(firm_ids: Sequence[int]) -> Figure:
    """Dues of twelve months by firm, in all, and their share of all dues against the cap."""
    paid, currency = dues_of_year(), association().currency
    mine, everybody = sum(paid.get(one, 0) for one in firm_ids), sum(paid.values())
    share = Fraction(mine, everybody) if everybody > 0 else Fraction(0)
    cap, said = _cap_in_effect(), f"{_percent(share, decimal=True)} of all dues"
    return Figure(
        name="Dues of twelve months",
        by_firm={one: str(Money(paid.get(one, 0), currency)) for one in firm_ids},
        total=str(Money(mine, currency)),
        against=f"{said}, the cap is {_percent(cap)}" if cap else said,
        is_over=cap is not None and share > cap, is_money=True,
    )  # fmt: skip


def _cap_in_effect() -> Fraction | None:
    """What one group may pay of all dues, by the tariff of today; None where it has no cap."""
    tariff = current_tariff(today(), association().currency)
    told = tariff.book.get("cap") if tariff else None
    return exact(told, "cap") if told else None


def _percent(share: Fraction, *, decimal: bool = False) -> str:
    """`8.3 %`; a whole number is `10 %`, or `10.0 %` where the decimal is asked for."""
    whole, tenth = divmod(half_up(share * 1000), 10)
    return f"{whole}.{tenth} %" if tenth or decimal else f"{whole} %"


def currencies_differ(keep_id: int, lose_id: int) -> str:
    """Why two firms cannot be merged while each owes in a currency of its own."""
    owing = select(Invoice.currency).where(owed() > 0).distinct()
    mine, theirs = (
        set(db.session.scalars(owing.where(Invoice.organization_id == number)))
        for number in (keep_id, lose_id)
    )
    if not mine or not theirs or mine == theirs:
        return ""
    one, other = (" and ".join(sorted(codes)) for codes in (mine, theirs))
    return f"One owes in {one}, the other in {other}: settle or credit the invoices of one first."
