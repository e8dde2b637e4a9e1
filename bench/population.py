"""A large association: firms with people, terms, invoices and payments of five years, in bulk."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, func, select, text

from portal.core import clock
from portal.core.db import Model, db
from portal.dues.models import Account, InvoiceKind, PaymentMethod
from portal.dues.references import number, rf_reference
from portal.members.models import MembershipClass

TABLES = Model.metadata.tables
CHUNK = 500
PEOPLE, YEARS, PRICE = 6, 5, 172500
KINDS = list(MembershipClass)[:8]
COUNTRIES = ("PH", "IN", "ZA", "CO", "JM", "NL", "GB", "US", "CA")
SERIES = "BN"
Rows = dict[str, list[dict[str, Any]]]


def populate(
    firms: int, progress: Callable[[int, int], None], *, are_invoiced: bool = True
) -> None:  # fmt: skip
    """Add so many firms to the portal's database; commits chunk by chunk.

    Most are invoiced for their next term; else no firm was asked yet, and all are members.
    """
    with db.engine.begin() as connection:
        ids = {name: count(_last(connection, name) + 1) for name in TABLES}
    sequences = dict.fromkeys(range(clock.today().year - YEARS + 1, clock.today().year + 1), 0)
    for first in range(0, firms, CHUNK):
        rows: Rows = defaultdict(list)
        for n in range(first, min(first + CHUNK, firms)):
            _firm(rows, ids, sequences, n, are_invoiced=are_invoiced)
        with db.engine.begin() as connection:
            for name in _in_order(rows):
                connection.execute(TABLES[name].insert(), rows[name])
        progress(min(first + CHUNK, firms), firms)
    with db.engine.begin() as connection:
        _finish(connection, sequences)


def _last(connection: Connection, name: str) -> int:
    key = TABLES[name].c.get("id")
    return 0 if key is None else int(connection.scalar(select(func.max(key))) or 0)


def _in_order(rows: Rows) -> Iterator[str]:
    return (table.name for table in Model.metadata.sorted_tables if table.name in rows)


def _firm(
    rows: Rows, ids: dict[str, Any], sequences: dict[int, int], n: int, *, are_invoiced: bool
) -> None:  # fmt: skip
    now, this = datetime(clock.today().year - YEARS, 1, 1, tzinfo=UTC), clock.today().year

    def add(table: str, **facts: Any) -> int:
        key = next(ids[table])
        rows[table].append({"id": key, **facts})
        return int(key)

    firm = add(
        "organizations", name=f"Bench {n:05} Contact", country=COUNTRIES[n % len(COUNTRIES)],
        registration_no=f"BN-{n}", tax_id="", address="1 Bench Street", website="",
        billing_email=f"dues@bench{n}.example", purchase_order="", headcount=5 + n % 400,
        is_demo=True, created_at=now,
    )  # fmt: skip
    group = add("corporate_groups", name=f"Bench group {n:05}")
    add("group_memberships", organization_id=firm, group_id=group,
        from_on=date(this - YEARS, 1, 1), until_on=None)  # fmt: skip
    for place in range(PEOPLE):
        person = add("people", email=f"p{place}@bench{n}.example",
                     display_name=f"Bench {n:05} Person {place}", created_at=now,
                     email_verified_at=now)  # fmt: skip
        roles = ["roster_manager", "dues_contact", "delegate"] if place == 0 else ["staff"]
        add("affiliations", person_id=person, organization_id=firm, roles=roles, title="",
            from_on=date(this - YEARS, 1, 1), until_on=None)  # fmt: skip
    membership = add("memberships", organization_id=firm, kind=KINDS[n % len(KINDS)],
                     since_on=date(this - YEARS + 1, 1, 1), ended_on=None,
                     end_reason=None)  # fmt: skip
    for step, year in enumerate(range(this - YEARS + 1, this + 1)):
        if are_invoiced and year == this and n % 20 == 7:
            continue  # lapsed
        term = add("terms", membership_id=membership, sequence=step + 1, start_on=date(year, 1, 1),
            end_on=date(year, 12, 31), grace_until_on=date(year + 1, 1, 30), renews_id=None,
            price_snapshot={}, cancelled_at=None, ended_early_on=None,
            end_reason=None)  # fmt: skip
        is_paid = year < this or n % 10 != 3
        _claim(add, sequences, firm, membership, year, is_paid=is_paid)
        if (
            are_invoiced and year == this and n % 50
        ):  # the next term of nearly all is invoiced, not paid yet
            invoice = _claim(add, sequences, firm, membership, this + 1, is_paid=False)
            add("renewals", term_id=term, opened_at=now, seats=None, told_at=None,
                told_by=None, starts_on=date(this + 1, 1, 1), ends_on=date(this + 1, 12, 31),
                invoice_id=invoice, dropped_at=None)  # fmt: skip


def _claim(
    add: Callable[..., int], sequences: dict[int, int], firm: int, membership: int, covers: int,
    *, is_paid: bool,
) -> int:  # fmt: skip
    """An invoice for a year, of its second day or, for a year to come, of this November."""
    year = min(covers, clock.today().year)
    sequences[year] += 1
    named = number(SERIES, year, sequences[year])
    issued = date(year, 1, 2) if covers == year else date(year, 11, 2)
    invoice = add(
        "invoices", series=SERIES, year=year, sequence=sequences[year], number=named,
        reference=rf_reference(named), kind=InvoiceKind.DUES, organization_id=firm,
        bill_to={"name": named, "address": "", "country": "NL", "tax_id": "", "email": ""},
        purchase_order="", currency="EUR", issued_on=issued, due_on=issued + timedelta(days=60),
        net_minor=PRICE, tax_minor=0, total_minor=PRICE, tax_text="",
    )  # fmt: skip
    add("invoice_lines", invoice_id=invoice, position=1, rule="bands", text=f"Dues {covers}",
        formula="", inputs={}, income="dues", net_minor=PRICE, covers_from=date(covers, 1, 1),
        covers_to=date(covers, 12, 31), membership_id=membership)  # fmt: skip

    def post(journal: str, on: date, account: Account, minor: int, **more: Any) -> None:
        facts = {"income": None, "invoice_id": invoice, "payment_id": None, "reverses_id": None}
        add("postings", journal=journal, on=on, account=account, currency="EUR", minor=minor,
            organization_id=firm, **facts | more)  # fmt: skip

    post(f"issue:{invoice}", issued, Account.RECEIVABLE, PRICE)
    post(f"issue:{invoice}", issued, Account.INCOME, -PRICE, income="dues")
    if is_paid:
        paid = issued + timedelta(days=20)
        payment = add(
            "payments", method=PaymentMethod.BANK, external_id=f"bench:{named}",
            organization_id=firm, currency="EUR", amount_minor=PRICE, received_on=paid,
            booked_at=datetime(paid.year, paid.month, paid.day, tzinfo=UTC), note="",
        )  # fmt: skip
        journal = f"payment:{payment}"
        post(journal, paid, Account.BANK, PRICE, invoice_id=None, payment_id=payment)
        post(journal, paid, Account.RECEIVABLE, -PRICE, payment_id=payment)
    return invoice


def _finish(connection: Connection, sequences: dict[int, int]) -> None:
    """Later rows are numbered after these; the planner learns what the tables hold."""
    for year, last in sequences.items():
        facts = {"series": SERIES, "year": year, "last": last}
        connection.execute(TABLES["number_series"].insert(), facts)
    if connection.dialect.name == "postgresql":
        for name, table in TABLES.items():
            if "id" in table.c and table.c.id.autoincrement is not False:
                last = (
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
                )
                connection.execute(text(last))
    connection.execute(text("ANALYZE"))
