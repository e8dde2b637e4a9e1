"""The treasurer's reports: each a page with a chart or a table, and the same as CSV."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import Response, render_template

from portal.association.queries import today
from portal.core import sheets
from portal.core.access import Permission, requires
from portal.core.charts import Chart, Key, Stack, Words, stacked
from portal.core.money import Money
from portal.core.web import day_asked
from portal.dues import queries
from portal.dues.models import Account
from portal.dues.staff import blueprint
from portal.dues.tax_rules import OUTCOMES
from portal.members.terms import add_months

ACCOUNTS = {
    Account.RECEIVABLE: "Owed by payers", Account.INCOME: "Income",
    Account.TAX_PAYABLE: "Tax to pay over", Account.BANK: "Bank",
    Account.CARD_CLEARING: "Card money on its way", Account.UNALLOCATED: "Payers' credit",
    Account.WITHHELD: "Withheld by payers' tax offices",
    Account.FEES: "Fees of the card processor", Account.BAD_DEBT: "Written off and lost",
    Account.EXCHANGE: "Exchange differences",
}  # fmt: skip
MONTHS = 12


@dataclass(frozen=True)
class Book:
    """The accounts of one currency with the sums of either side."""

    currency: str
    rows: list[queries.Balance]
    debit: Money
    credit: Money


def until() -> date:
    """The last day that is asked for; today when none is, or none that is a day."""
    return day_asked("until") or today()


def as_file(
    name: str, sheet: str, head: Iterable[str], rows: Iterable[Iterable[object]],
    on: date | None = None,
) -> Response:  # fmt: skip
    """The rows as a CSV or XLSX file, whichever the address ends in, named after the day."""
    headers = {"Content-Disposition": f'attachment; filename="{name}-{on or until()}.{sheet}"'}
    if sheet == "xlsx":
        return Response(
            sheets.to_xlsx(head, rows, name), content_type=sheets.XLSX, headers=headers
        )
    body = sheets.to_csv(head, rows)
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.get("/reports/balances")
@requires(Permission.DUES_READ)
def balances() -> str:
    """The trial balance at the end of a day, for each currency."""
    found = queries.trial_balance(until())
    by_currency = [
        _book(code, list(rows)) for code, rows in groupby(found, lambda one: one.currency)
    ]
    return render_template(
        "dues/staff_balances.html", until=until(), books=by_currency, names=ACCOUNTS, money=Money,
        faults=list(queries.ledger_faults()),
    )  # fmt: skip


def _book(code: str, rows: list[queries.Balance]) -> Book:
    debit = sum(one.minor for one in rows if one.minor > 0)
    credit = sum(one.minor for one in rows if one.minor < 0)
    return Book(code, rows, Money(debit, code), Money(-credit, code))


@blueprint.get("/reports/balances.<any(csv, xlsx):sheet>")
@requires(Permission.DUES_READ)
def balances_file(sheet: str) -> Response:
    rows = (
        (one.currency, ACCOUNTS[one.account], Money(one.minor, one.currency).units)
        for one in queries.trial_balance(until())
    )
    return as_file("balances", sheet, ("currency", "account", "balance"), rows)


@blueprint.get("/reports/owed")
@requires(Permission.DUES_READ)
def owed() -> str:
    """Who owed what for how long, at the end of a day."""
    found = queries.aged_debt(until())
    return render_template(
        "dues/staff_owed.html", rows=found, ages=queries.AGES, money=Money, until=until(),
        charts=list(_age_charts(found)), barred=queries.totals(state="barred"),
    )  # fmt: skip


def _age_charts(found: list[queries.Aged]) -> Iterable[tuple[str, Chart]]:
    kinds = ("k3", "k2", "k1", "kx", "kr")
    keys = [Key(words, kind) for kind, (_, words) in zip(kinds, queries.AGES, strict=True)]
    for code, rows in groupby(found, lambda one: one.currency):
        stacks = [
            Stack(
                one.payer, [Money(minor, code).units for minor in one.minor],
                str(Money(one.total, code)),
            )
            for one in list(rows)[:10]
        ]  # fmt: skip
        words = Words(f"The largest debts in {code}", ("Payer", *(key.text for key in keys)))
        yield code, stacked(stacks, keys, words)


@blueprint.get("/reports/owed.<any(csv, xlsx):sheet>")
@requires(Permission.DUES_READ)
def owed_file(sheet: str) -> Response:
    head = ("payer", "paid by", "currency", *(words for _, words in queries.AGES), "total")
    rows = (
        (
            one.payer, one.paid_by, one.currency,
            *(Money(n, one.currency).units for n in (*one.minor, one.total)),
        )
        for one in queries.aged_debt(until())
    )  # fmt: skip
    return as_file("owed", sheet, head, rows)


@blueprint.get("/reports/tax")
@requires(Permission.DUES_READ)
def tax() -> str:
    last = until()
    first = add_months(last.replace(day=1), 1 - MONTHS)
    found = queries.tax_by_month(first, last)
    return render_template(
        "dues/staff_tax.html", rows=found, first=first, until=last, money=Money, outcomes=OUTCOMES
    )


@blueprint.get("/reports/tax.<any(csv, xlsx):sheet>")
@requires(Permission.DUES_READ)
def tax_file(sheet: str) -> Response:
    first = add_months(until().replace(day=1), 1 - MONTHS)
    rows = (
        (f"{one.month:%Y-%m}", one.outcome, one.text, one.currency,
         Money(one.net, one.currency).units,
         Money(one.tax, one.currency).units)
        for one in queries.tax_by_month(first, until())
    )  # fmt: skip
    head = "month", "outcome", "tax", "currency", "net", "tax amount"
    return as_file("tax", sheet, head, rows)


@blueprint.get("/reports/income")
@requires(Permission.DUES_READ)
def income() -> str:
    """Claimed, earned and deferred: six months back and six ahead."""
    first = add_months(today().replace(day=1), -MONTHS // 2)
    found = queries.income_by_month(first, MONTHS + 1)
    charts = {code: _income_chart(code, months) for code, months in found.items()}
    return render_template(
        "dues/staff_income.html", books=found, charts=charts, money=Money, now=today()
    )


def _income_chart(code: str, months: list[queries.EarnedMonth]) -> Chart:
    keys = [Key("Earned", "k1"), Key("Deferred", "k4")]
    stacks = [
        Stack(
            f"{one.month:%b %Y}",
            [Money(max(0, n), code).units for n in (one.earned, one.deferred)],
            f"{Money(one.earned, code)}, {Money(one.deferred, code)} deferred",
        )
        for one in months
    ]  # fmt: skip
    words = Words(f"Income by month in {code}", ("Month", "Earned", "Deferred"))
    return stacked(stacks, keys, words)


@blueprint.get("/reports/income.<any(csv, xlsx):sheet>")
@requires(Permission.DUES_READ)
def income_file(sheet: str) -> Response:
    first = add_months(today().replace(day=1), -MONTHS // 2)
    rows = (
        (code, f"{one.month:%Y-%m}",
         *(Money(n, code).units for n in (one.claimed, one.earned, one.deferred)))
        for code, months in queries.income_by_month(first, MONTHS + 1).items()
        for one in months
    )  # fmt: skip
    return as_file("income", sheet, ("currency", "month", "claimed", "earned", "deferred"), rows)
