"""All that is known of one firm: its timeline with money and notices."""

from collections.abc import Iterator

from sqlalchemy import select

from portal.association.queries import day_of, today
from portal.core.db import db
from portal.core.merging import ids_of, names_of
from portal.dues.models import CreditNote, Invoice, Payment, Void
from portal.dues.rules import plain
from portal.members.access_table import access, in_order
from portal.members.adopted import access_on
from portal.members.models import Affiliation, Organization
from portal.members.overlays import overlays_of
from portal.members.policy import Feature
from portal.members.standing import Standing
from portal.members.timeline import Happening, timeline_of
from portal.notices.models import Notice
from portal.renewals.models import Renewal, Resignation, TermChange
from portal.renewals.queries import positions

TOLD = {
    "renewals/opened": "the membership can be renewed",
    "renewals/resigned": "the resignation is noted",
    "renewals/expelled": "the firm is expelled",
    "renewals/not_expelled": "the expulsion is taken back",
}


def features_of(firm: Organization) -> list[Feature]:
    """What the firm has today, as the access table says; the vote before its cut-off."""
    day = today()
    table = access_on(day)
    found = [one.has(table) for one in positions(day, firm.id)]
    return in_order(found[0] if found else access(table, Standing.NONE))


def whole_timeline(firm: Organization, affiliations: list[Affiliation]) -> list[Happening]:
    """The firm's own timeline with invoices, payments, notices and decisions, newest first."""
    found = [
        *timeline_of(firm, affiliations), *_invoices(firm), *_voids(firm), *_payments(firm),
        *_notices(firm), *_overlays(firm), *_life(firm),
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.on, reverse=True)


def _invoices(firm: Organization) -> Iterator[Happening]:
    query = select(Invoice).where(Invoice.organization_id.in_(names_of(Organization, firm.id)))
    for one in db.session.scalars(query):
        yield Happening(one.issued_on, f"Invoice {one.number}", f"{one.total}, due {_day(one)}")
    notes = select(CreditNote).join(CreditNote.invoice)
    for note in db.session.scalars(
        notes.where(Invoice.organization_id.in_(names_of(Organization, firm.id)))
    ):
        yield Happening(
            note.issued_on, f"Credit note {note.number}", f"{note.total}: {note.reason}"
        )


def _voids(firm: Organization) -> Iterator[Happening]:
    query = select(Void).join(Void.invoice)
    for one in db.session.scalars(
        query.where(Invoice.organization_id.in_(names_of(Organization, firm.id)))
    ):
        yield Happening(one.voided_on, f"Invoice {one.invoice.number} is void", one.reason)


def _day(invoice: Invoice) -> str:
    return f"{invoice.due_on.day} {invoice.due_on:%b %Y}"


def _payments(firm: Organization) -> Iterator[Happening]:
    for one in db.session.scalars(
        select(Payment).where(Payment.organization_id.in_(names_of(Organization, firm.id)))
    ):
        yield Happening(one.received_on, f"Payment of {one.money}", f"{one.method}")


def _notices(firm: Organization) -> Iterator[Happening]:
    numbers = select(Invoice.id, Invoice.number).where(
        Invoice.organization_id.in_(names_of(Organization, firm.id))
    )
    named = {f"invoice:{key}": number for key, number in db.session.execute(numbers)}
    named |= {f"organization:{one}": "" for one in ids_of(Organization, firm.id)}
    for one in db.session.scalars(select(Notice).where(Notice.subject.in_(named))):
        what = TOLD.get(one.kind, one.kind.replace("_", " "))
        reached = "mailed" if one.mail_id else "reached nobody: no address is known"
        number = named[one.subject]
        step = one.key.rpartition(":")[2].replace("_", " ") if number else ""
        words = f"Notice: {step or what}" + (f", invoice {number}" if number else "")
        yield Happening(one.at.date(), words, reached)


def _overlays(firm: Organization) -> Iterator[Happening]:
    for one in overlays_of("membership", [each.id for each in firm.memberships]):
        until = f"until {one.until_on.day} {one.until_on:%b %Y}" if one.until_on else ""
        words = f"{one.kind.capitalize()} of {one.scope}" if one.scope else one.kind.capitalize()
        by = f"{one.decision.body}: " if one.decision else ""
        yield Happening(one.from_on, f"{words} {until}".strip(), f"{by}{one.reason}")
        if one.lifted_at:
            yield Happening(day_of(one.lifted_at), f"{words} lifted")


def _life(firm: Organization) -> Iterator[Happening]:
    """Windows that opened, changes inside terms, resignations."""
    ids = [one.id for one in firm.memberships]
    terms = [term.id for one in firm.memberships for term in one.terms]
    for one in db.session.scalars(select(Renewal).where(Renewal.term_id.in_(terms))):
        yield Happening(day_of(one.opened_at), "Renewal opened", "the firm was asked for its size")
        if one.dropped_at:
            yield Happening(day_of(one.dropped_at), "Renewal dropped, not paid")
    for made in db.session.scalars(select(TermChange).where(TermChange.term_id.in_(terms))):
        what = "Corrected" if made.is_correction else "Changed"
        numbers = (f"{plain(name)} {value}" for name, value in sorted(made.metrics.items()))
        words = f"{what}: {', '.join(numbers)}"
        ahead = made.on > day_of(made.made_at)
        words += f", in the term from {made.on.day} {made.on:%b %Y}" if ahead else ""
        waits = "" if made.invoice_id or made.is_correction else "counts from the next term on; "
        yield Happening(day_of(made.made_at), words, f"{waits}{made.reason}")
    yield from _leavings(ids)


def _leavings(ids: list[int]) -> Iterator[Happening]:
    """Resignations and expulsions. One in whose place a decision came was not taken back."""
    gone = db.session.scalars(select(Resignation).where(Resignation.membership_id.in_(ids))).all()
    decided = {(one.membership_id, one.made_at) for one in gone if one.decision_id}
    for left in gone:
        meta = f"last day {left.leaves_on.day} {left.leaves_on:%b %Y}: {left.reason}"
        what, back = "Resigned", "Took the resignation back"
        if left.decision:
            what, back = f"Expelled by the {left.decision.body}", "The expulsion was taken back"
            meta = f"{left.decision.title}; {meta} {left.heard_words}."
        yield Happening(left.told_on, what, meta)
        is_replaced = not left.decision and (left.membership_id, left.withdrawn_at) in decided
        if left.withdrawn_at and not is_replaced:
            yield Happening(day_of(left.withdrawn_at), back)
