"""The journal: every posting between two days, as a page and as a file."""

from collections.abc import Iterator
from datetime import date

from flask import Response, render_template

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import Money
from portal.core.web import day_asked, paginate
from portal.dues import queries
from portal.dues.models import Posting
from portal.dues.staff import blueprint
from portal.dues.staff.reports import ACCOUNTS, as_file, until

HEAD = (
    "number", "day", "journal", "account", "income", "invoice", "payment", "paid by", "currency",
    "debit", "credit",
)  # fmt: skip


def since() -> date:
    """The first day that is asked for; of the year of the last one when none is."""
    return day_asked("since") or until().replace(month=1, day=1)


@blueprint.get("/reports/journal")
@requires(Permission.DUES_READ)
def journal() -> str:
    page = paginate(queries.journal(since(), until()), size=50)
    return render_template(
        "dues/staff_journal.html", page=page, since=since(), until=until(), names=ACCOUNTS,
        money=Money,
    )  # fmt: skip


@blueprint.get("/reports/journal.<any(csv, xlsx):sheet>")
@requires(Permission.DUES_READ)
def journal_file(sheet: str) -> Response:
    found = db.session.scalars(queries.journal(since(), until()))
    return as_file("journal", sheet, HEAD, (tuple(_cells(one)) for one in found))


def _cells(one: Posting) -> Iterator[object]:
    yield from (one.id, one.on, one.journal, ACCOUNTS[one.account], one.income or "")
    yield one.invoice.number if one.invoice else ""
    yield (one.payment.external_id or f"payment {one.payment.id}") if one.payment else ""
    yield one.payment.paid_by if one.payment else ""
    amount = Money(abs(one.minor), one.currency).units
    yield from (one.currency, *((amount, "") if one.minor > 0 else ("", amount)))
