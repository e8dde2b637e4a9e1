"""What members were told of the part of their dues that is spent on lobbying."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select

from portal.core.db import db
from portal.dues.models import CreditNote, Invoice, InvoiceKind
from portal.dues.queries.invoices import is_void


def told_by_year() -> dict[int, dict[str, int]]:
    """Minor units by year and currency, the latest year first.

    As printed on the dues invoices of the year; those that were taken back whole are left out.
    """
    total = select(func.coalesce(func.sum(CreditNote.total_minor), 0))
    taken_back = total.where(CreditNote.invoice_id == Invoice.id).correlate(Invoice)
    query = (
        select(Invoice.issued_on, Invoice.currency, func.sum(Invoice.lobbying_minor))
        .where(Invoice.kind == InvoiceKind.DUES, Invoice.lobbying_minor > 0, ~is_void())
        .where(taken_back.scalar_subquery() < Invoice.total_minor)
        .group_by(Invoice.issued_on, Invoice.currency)
    )
    return _by_year((on, code, int(minor)) for on, code, minor in db.session.execute(query))


def _by_year(rows: Iterable[tuple[date, str, int]]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for on, currency, minor in rows:
        found[on.year][currency] += minor
    return {year: dict(sorted(found[year].items())) for year in sorted(found, reverse=True)}
