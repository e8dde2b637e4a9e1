"""Everything as tables: the register comes back unchanged when it is read in again."""

from collections.abc import Iterable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.accounts.models import Person
from portal.association.queries import day_of
from portal.core import audit
from portal.core.access import Permission
from portal.core.db import db
from portal.core.merging import winners
from portal.core.money import Money
from portal.dues.models import Account, AllowanceUse, Declaration, Invoice, Payment, Posting
from portal.dues.queries import bills
from portal.exchange import exporting_more as more
from portal.exchange.kinds.payers import told_of
from portal.exchange.rows_out import (
    FIRM_HEAD,
    Export,
    Row,
    day_cell,
    firm_cells,
    outside_numbers,
    parts,
)
from portal.members.models import (
    Affiliation,
    CorporateGroup,
    GroupMembership,
    Membership,
    Organization,
    Term,
)


def firms() -> Iterator[Row]:
    outside = outside_numbers("firm")
    query = (
        select(GroupMembership.organization_id, CorporateGroup.name)
        .join(GroupMembership.group)
        .where(GroupMembership.until_on.is_(None))
    )
    groups = dict(db.session.execute(query).all())
    register = select(Organization).options(joinedload(Organization.place))
    for part in parts(register.order_by(Organization.id)):
        for one in part:
            yield (
                one.id, outside.get(one.id, ""), one.name, one.country, one.registration_no or "",
                one.tax_id, one.address, one.website, one.billing_email, one.purchase_order,
                "" if one.headcount is None else one.headcount, one.language,
                one.place.slug if one.place else "",
                groups.get(one.id, ""),
            )  # fmt: skip


def people() -> Iterator[Row]:
    outside = outside_numbers("person")
    for part in parts(select(Person).order_by(Person.id)):
        for one in part:
            yield (one.id, outside.get(one.id, ""), one.email, one.display_name, one.phone,
                   one.zone or "")  # fmt: skip


def affiliations() -> Iterator[Row]:
    outside = outside_numbers("firm")
    query = select(Affiliation).options(
        joinedload(Affiliation.person), joinedload(Affiliation.organization)
    )
    for part in parts(query.order_by(Affiliation.id)):
        for one in part:
            yield (
                one.person.email, one.person.display_name, *firm_cells(one.organization, outside),
                ", ".join(one.roles), one.title, one.from_on, day_cell(one.until_on),
            )  # fmt: skip


def terms() -> Iterator[Row]:
    outside = outside_numbers("firm")
    query = (
        select(Term)
        .join(Term.membership)
        .options(contains_eager(Term.membership).joinedload(Membership.organization))
        .order_by(Membership.organization_id, Term.start_on, Term.id)
    )
    for part in parts(query):
        for one in part:
            held, price = one.membership, one.price_snapshot
            sum_ = Money(price["total"], price["currency"]).units if "total" in price else ""
            yield (
                one.id, *firm_cells(held.organization, outside), held.kind.value, one.start_on,
                one.end_on, one.grace_until_on, day_cell(one.ended_early_on),
                one.end_reason or "",
                day_cell(day_of(one.cancelled_at) if one.cancelled_at else None), sum_,
                price.get("currency", ""), held.since_on, day_cell(held.ended_on),
            )  # fmt: skip


def declarations() -> Iterator[Row]:
    outside = outside_numbers("firm")
    query = select(Declaration).options(
        joinedload(Declaration.organization), joinedload(Declaration.signed_by)
    )
    for part in parts(query.order_by(Declaration.id)):
        for one in part:
            yield (
                one.id, *firm_cells(one.organization, outside), one.metric, one.value, one.unit,
                one.period_start, one.period_end, one.scope, one.source.value,
                one.signed_by.email, day_of(one.signed_at), one.checked.value, one.reason,
            )  # fmt: skip


def allowance_uses() -> Iterator[Row]:
    outside, of_term = outside_numbers("firm"), joinedload(AllowanceUse.term)
    whole = of_term.joinedload(Term.membership).joinedload(Membership.organization)
    for part in parts(select(AllowanceUse).options(whole).order_by(AllowanceUse.id)):
        for one in part:
            held = one.term.membership
            yield (
                one.id, *firm_cells(held.organization, outside), held.kind.value, one.term_id,
                one.term.start_on, one.of, one.amount, one.used_on, one.what_for,
                one.undoes_id or "",
            )  # fmt: skip


def payers() -> Iterator[Row]:
    outside, merged = outside_numbers("firm"), winners(Organization)
    for part in parts(select(Organization).order_by(Organization.id)):
        for one in part:
            if one.paid_by and one.id not in merged:
                yield (*firm_cells(one, outside), *told_of(one).values())


def _invoices(*, only_open: bool) -> Iterator[Row]:
    outside = outside_numbers("firm")
    query = select(Invoice).options(joinedload(Invoice.organization), selectinload(Invoice.lines))
    if only_open:
        owed = select(Posting.invoice_id).where(Posting.account == Account.RECEIVABLE)
        owed = owed.group_by(Posting.invoice_id).having(func.sum(Posting.minor) > 0)
        query = query.where(Invoice.id.in_(owed))
    for part in parts(query.order_by(Invoice.id)):
        for bill in bills(part):
            one, to = bill.invoice, bill.invoice.bill_to
            yield (
                one.number, *firm_cells(one.organization, outside), to["name"],
                to.get("address", ""), to.get("country", ""), to.get("tax_id", ""),
                to.get("email", ""), one.kind.value, one.issued_on, one.due_on, one.currency,
                (one.total - one.tax).units,
                one.tax.units, one.total.units, bill.paid.units, bill.credited.units,
                bill.balance.units, one.tax_text, one.title, one.reference, one.purchase_order,
            )  # fmt: skip


def invoices() -> Iterator[Row]:
    return _invoices(only_open=False)


def open_invoices() -> Iterator[Row]:
    return _invoices(only_open=True)


def payments() -> Iterator[Row]:
    outside = outside_numbers("firm")
    query = select(Payment).options(joinedload(Payment.organization)).order_by(Payment.id)
    for part in parts(query):
        for one in part:
            yield (one.id, one.received_on, one.method.value, one.currency, one.money.units,
                   *firm_cells(one.organization, outside), one.external_id or "",
                   one.note)  # fmt: skip


def postings() -> Iterator[Row]:
    query = select(Posting).options(joinedload(Posting.invoice)).order_by(Posting.id)
    for part in parts(query):
        for one in part:
            yield (
                one.id, one.journal, one.on, one.account.value, one.income or "", one.currency,
                Money(one.minor, one.currency).units, one.organization_id or "",
                one.invoice.number if one.invoice else "", one.payment_id or "",
                one.reverses_id or "",
            )  # fmt: skip


M, F = Permission.FIRMS_MANAGE, Permission.DUES_MANAGE
INVOICE_HEAD = (
    "number", *FIRM_HEAD, "payer", "address", "country", "tax id", "email", "kind", "issued on",
    "due on", "currency", "net", "tax", "total", "paid", "credited", "open", "tax text", "text",
    "reference", "purchase order",
)  # fmt: skip
EXPORTS = {
    "firms": Export("Firms", M, (
        "id", "external id", "name", "country", "registration no", "tax id", "address", "website",
        "billing email", "purchase order", "headcount", "language", "place", "group",
    ), firms),
    "people": Export("People", M, ("id", "external id", "email", "name", "phone", "zone"), people),
    "affiliations": Export("Affiliations and roles", M, (
        "email", "name", *FIRM_HEAD, "roles", "title", "from on", "until on",
    ), affiliations),
    "terms": Export("Terms of membership", M, (
        "id", *FIRM_HEAD, "class", "start on", "end on", "grace until on", "ended early on",
        "end reason", "cancelled on", "price", "currency", "membership since on",
        "membership ended on",
    ), terms),
    "declarations": Export("Declared numbers", M, (
        "id", *FIRM_HEAD, "metric", "value", "unit", "period start", "period end", "scope",
        "source", "signed by", "signed on", "checked", "reason",
    ), declarations),
    "allowances": Export("Allowances used", M, (
        "id", *FIRM_HEAD, "class", "term id", "term start on", "of", "amount", "used on",
        "what for", "takes back id",
    ), allowance_uses),
    "payers": Export("Who pays for firms", F, (
        *FIRM_HEAD, "payer", "payer address", "payer country", "payer tax id", "payer email",
        "payer reference",
    ), payers),
    "open-invoices": Export("Open invoices", F, INVOICE_HEAD, open_invoices),
    "invoices": Export("All invoices", F, INVOICE_HEAD, invoices),
    "payments": Export("Payments", F, (
        "id", "received on", "method", "currency", "amount", *FIRM_HEAD, "external id", "note",
    ), payments),
    "postings": Export("Postings", F, (
        "id", "journal", "on", "account", "income", "currency", "amount", "firm id", "invoice",
        "payment id", "reverses id",
    ), postings),
} | more.EXPORTS  # fmt: skip


def counted(rows: Iterable[Row], name: str, purpose: str, form: str) -> Iterator[Row]:
    """The rows; when the last is out, the record says what for, and how many."""
    many = 0
    for many, row in enumerate(rows, 1):  # noqa: B007 - counted as they pass
        yield row
    audit.record("data.exported", f"export:{name}", purpose=purpose, rows=many, form=form)
