"""What a firm takes away: profile, people, membership, money, and what other rooms have of it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlalchemy import select

from portal.accounts.bundles import as_json, rows_csv, write_archive
from portal.core.db import db, release
from portal.core.files import UnknownFile, store
from portal.core.merging import ids_of
from portal.dues.models import Payment
from portal.dues.queries import declarations_of, invoices_of
from portal.dues.queries.allowances import allowances_in, uses_in
from portal.dues.queries.bills import bills
from portal.members.models import GroupDeclaration, Organization
from portal.members.overlays import overlays_of
from portal.members.queries import all_affiliations, firm_with_terms

Rows = Iterable[dict[str, Any]]
PROFILE = (
    "id", "name", "country", "registration_no", "tax_id", "address", "website", "billing_email",
    "purchase_order", "language", "headcount", "paid_by", "created_at",
)  # fmt: skip
# What other rooms have of a firm, by the name of its files; each is given the firm's numbers,
# with those of firms that were merged into it.
more: dict[str, Callable[[set[int]], Rows]] = {}
# Files that other rooms keep for a firm: under which name in the archive, which in the store.
attached: list[Callable[[set[int]], Iterable[tuple[str, str]]]] = []
IN_MEMORY = 2**22  # bytes; a larger archive is written to a file that is gone once it is closed


def bundle_of_firm(firm_id: int) -> IO[bytes]:
    """A ZIP of every kind as JSON and CSV, and the firm's own files; the caller closes it.

    What was merged into the firm is in it. It commits before it reads the files: there may be
    many, and nobody else could write meanwhile.
    """
    numbers = ids_of(Organization, firm_id)
    firm = db.session.scalars(firm_with_terms().where(Organization.id == firm_id)).unique().one()
    kinds: dict[str, Rows] = {
        "allowances": _allowances(firm), "allowance_uses": _uses(firm),
        "profile": [{name: getattr(firm, name) for name in PROFILE}],
        "people": _people(firm_id), "membership": _terms(firm), "invoices": _invoices(numbers),
        "invoice_lines": _lines(numbers), "payments": _payments(numbers),
        "declarations": _declarations(firm_id), "group_declarations": _groups(numbers),
        "decisions": _decisions(firm), **{name: rows(numbers) for name, rows in more.items()},
    }  # fmt: skip
    files: dict[str, str | bytes] = {}
    for name, found in kinds.items():
        rows = list(found)
        files[f"{name}.json"], files[f"{name}.csv"] = as_json(rows), rows_csv(rows)
    kept = [pair for found in attached for pair in found(numbers)]
    release()
    out = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - open until it is sent
    write_archive(out, chain(files.items(), _contents(kept)))
    out.seek(0)
    return out


def _contents(kept: Iterable[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """One file at a time; what the store has lost is named in a table all the same."""
    for name, key in kept:
        with suppress(UnknownFile):
            yield name, store().get(key)


def _people(firm_id: int) -> Rows:
    for one in all_affiliations(firm_id):
        yield {
            "name": one.person.display_name, "email": one.person.email, "title": one.title,
            "roles": ", ".join(one.roles), "from_on": one.from_on, "until_on": one.until_on,
        }  # fmt: skip


def _terms(firm: Organization) -> Rows:
    for membership in firm.memberships:
        for term in membership.terms:
            yield {
                "class": membership.kind.value, "since_on": membership.since_on,
                "start_on": term.start_on, "end_on": term.end_on,
                "ended_early_on": term.ended_early_on, "price": term.price_snapshot,
            }  # fmt: skip


def _allowances(firm: Organization) -> Rows:
    """What its terms included beside seats, and what was used of it."""
    for term in (term for membership in firm.memberships for term in membership.terms):
        for one in allowances_in(term):
            yield {
                "class": one.term.membership.kind.value, "start_on": term.start_on,
                "end_on": term.end_on, "of": one.of,
                "granted": one.granted, "used": one.used,
            }  # fmt: skip


def _uses(firm: Organization) -> Rows:
    terms = [term for membership in firm.memberships for term in membership.terms]
    for one in uses_in(terms):
        yield {
            "class": one.term.membership.kind.value, "start_on": one.term.start_on, "of": one.of,
            "amount": one.amount, "used_on": one.used_on, "what_for": one.what_for,
        }  # fmt: skip


def _decisions(firm: Organization) -> Rows:
    """What bodies decided about its memberships."""
    for one in overlays_of("membership", [membership.id for membership in firm.memberships]):
        if one.decision:
            yield {
                "decided_on": one.decision.decided_on, "body": one.decision.body,
                "title": one.decision.title, "text": one.decision.text, "scope": one.scope,
                "from_on": one.from_on, "until_on": one.until_on, "lifted_at": one.lifted_at,
            }  # fmt: skip


def _invoices(numbers: set[int]) -> Rows:
    for one in bills(db.session.scalars(invoices_of(numbers)).unique()):
        invoice = one.invoice
        yield {
            "number": invoice.number, "kind": invoice.kind.value, "title": invoice.title,
            "issued_on": invoice.issued_on, "due_on": invoice.due_on,
            "paid_by": invoice.paid_by.get("name", ""),
            "currency": invoice.currency, "total": str(invoice.total.units),
            "paid": str(one.paid.units), "credited": str(one.credited.units),
            "owed": str(one.balance.units), "state": one.words,
        }  # fmt: skip


def _lines(numbers: set[int]) -> Rows:
    for invoice in db.session.scalars(invoices_of(numbers)).unique():
        for line in invoice.lines:
            yield {
                "invoice": invoice.number, "text": line.text, "formula": line.formula,
                "currency": invoice.currency, "net": str(line.net.units),
                "covers_from": line.covers_from, "covers_to": line.covers_to,
            }  # fmt: skip


def _payments(numbers: set[int]) -> Rows:
    query = select(Payment).where(Payment.organization_id.in_(numbers)).order_by(Payment.id)
    for one in db.session.scalars(query):
        yield {
            "received_on": one.received_on, "method": one.method.value, "currency": one.currency,
            "amount": str(one.money.units), "note": one.note,
            "paid_by": one.paid_by,
        }  # fmt: skip


def _declarations(firm_id: int) -> Rows:
    for one in declarations_of(firm_id):
        yield {
            "metric": one.metric, "value": str(one.value), "unit": one.unit,
            "period_start": one.period_start, "period_end": one.period_end, "scope": one.scope,
            "source": one.source.value, "signed_by": one.signed_by.display_name,
            "signed_at": one.signed_at, "checked": one.checked.value, "reason": one.reason,
        }  # fmt: skip


def _groups(numbers: set[int]) -> Rows:
    mine = GroupDeclaration.organization_id.in_(numbers)
    for one in db.session.scalars(select(GroupDeclaration).where(mine)):
        yield {
            "declared_at": one.declared_at, "group": one.group.name, "owner": one.owner,
            "sisters": one.sisters, "is_same": one.is_same,
        }  # fmt: skip
