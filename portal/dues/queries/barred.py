"""Claims so old that the law of the payer's country may bar them, where staff said after how long.

What the years are, and what begins them anew, is for a lawyer: this only marks what to ask about.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, false, func, or_

from portal.association.queries import association, today
from portal.dues.models import Invoice
from portal.members.terms import add_months

SOON = 6  # months before, in which staff are warned


def barred_from(invoice: Invoice) -> date | None:
    """The first day on which it may be time-barred; None where nothing is said of the country.

    Counted from the day it was due, whatever was agreed, paid or admitted since.
    """
    years = association().barred_after.get(country_of(invoice))
    if not years:
        return None
    on = add_months(invoice.due_on, 12 * years)
    is_leap_day = add_months(on, -12 * years) < invoice.due_on
    return on + timedelta(days=1) if is_leap_day else on


def country_of(invoice: Invoice) -> str:
    return str(invoice.bill_to.get("country") or "").upper()


def is_near(on: date | None) -> bool:
    """Whether that day has come, or comes within months."""
    return on is not None and on <= add_months(today(), SOON)


def is_barred(on: date) -> ColumnElement[bool]:
    """True where the invoice of the outer query may be time-barred on a day."""
    country = func.upper(Invoice.bill_to["country"].as_string())
    rules = [
        and_(country == code, Invoice.due_on <= add_months(on, -12 * years))
        for code, years in association().barred_after.items()
    ]
    return or_(false(), *rules)
