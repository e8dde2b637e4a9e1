"""Cards that firms let us charge, and what was charged to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from portal.association.queries import association, today
from portal.core import clock
from portal.core.db import db
from portal.core.money import Money
from portal.dues import automatic
from portal.dues.models import (
    LIVE,
    AttemptStatus,
    AutomaticCharge,
    CardMandate,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    PaymentAttempt,
)
from portal.dues.queries.invoices import balance, owed
from portal.members.models import Membership, Term
from portal.notices.queries import told

ANNOUNCED = "dues/charge_announced"
NEEDS_PAYER = "authentication_required"
LAST_STEP = str(automatic.STEPS[-1])


def _is_kept() -> ColumnElement[bool]:
    return and_(CardMandate.saved_at.is_not(None), CardMandate.revoked_at.is_(None))


def kept_cards() -> Select[CardMandate]:
    """Every card that may be charged now."""
    return select(CardMandate).where(_is_kept()).order_by(CardMandate.id)


def kept_card(organization_id: int) -> CardMandate | None:
    query = kept_cards().where(CardMandate.organization_id == organization_id)
    return db.session.scalars(query).one_or_none()


def customer_of(organization_id: int) -> str | None:
    """The firm as Stripe names it, from any card that it ever saved."""
    query = select(CardMandate.customer_id).where(
        CardMandate.organization_id == organization_id, CardMandate.saved_at.is_not(None)
    )
    return db.session.scalar(query.order_by(CardMandate.id.desc()).limit(1))


def last_page(organization_id: int) -> CardMandate | None:
    """The consent whose page asked for a card last."""
    query = select(CardMandate).where(
        CardMandate.organization_id == organization_id, CardMandate.session_id.is_not(None)
    )
    return db.session.scalars(query.order_by(CardMandate.id.desc()).limit(1)).first()


def mandate_of_attempt(attempt_id: int) -> CardMandate | None:
    query = select(CardMandate).where(CardMandate.attempt_id == attempt_id)
    return db.session.scalars(query).one_or_none()


def charge_of(attempt_id: int) -> AutomaticCharge | None:
    """What makes an attempt one without a page: the charge of a kept card."""
    query = select(AutomaticCharge).where(AutomaticCharge.attempt_id == attempt_id)
    return db.session.scalars(query).one_or_none()


def charge_by_intent(intent_id: str, attempt_id: int) -> AutomaticCharge | None:
    """Ours by Stripe's id; or by the number we gave it, while its answer is on the way."""
    by_intent = select(AutomaticCharge).where(AutomaticCharge.intent_id == intent_id)
    found = db.session.scalars(by_intent).one_or_none()
    found = found or charge_of(attempt_id)
    return found if found and found.intent_id in {None, intent_id} else None


def charges_of(invoice_id: int) -> Sequence[AutomaticCharge]:
    query = select(AutomaticCharge).where(AutomaticCharge.invoice_id == invoice_id)
    query = query.options(joinedload(AutomaticCharge.attempt))
    return db.session.scalars(query.order_by(AutomaticCharge.id)).all()


def charges_to(organization_id: int) -> Select[AutomaticCharge]:
    """The last charges to a firm's cards, the newest first."""
    query = (
        select(AutomaticCharge)
        .join(AutomaticCharge.mandate)
        .where(CardMandate.organization_id == organization_id)
        .options(joinedload(AutomaticCharge.mandate))
    )
    whole = joinedload(AutomaticCharge.attempt).joinedload(PaymentAttempt.invoice)
    return query.options(whole).order_by(AutomaticCharge.id.desc()).limit(20)


def _has_ended() -> ColumnElement[bool]:
    """The membership that the invoice of the outer query is for has ended, or its term has."""
    term_ended = (
        select(Term.id)
        .where(
            Term.membership_id == InvoiceLine.membership_id,
            Term.start_on <= InvoiceLine.covers_to, Term.end_on >= InvoiceLine.covers_from,
            or_(Term.cancelled_at.is_not(None), Term.ended_early_on.is_not(None)),
        )
        .exists()
    )  # fmt: skip
    query = (
        select(InvoiceLine.id)
        .join(Membership, Membership.id == InvoiceLine.membership_id)
        .where(InvoiceLine.invoice_id == Invoice.id)
        .where(or_(Membership.ended_on.is_not(None), term_ended))
    )
    return query.correlate(Invoice).exists()


def invoices_on_cards() -> Select[Invoice, CardMandate]:
    """Dues that are owed by firms whose card may be charged, and that card."""
    query = select(Invoice, CardMandate).join(
        CardMandate, CardMandate.organization_id == Invoice.organization_id
    )
    return query.where(
        _is_kept(), Invoice.kind == InvoiceKind.DUES, owed() > 0, ~_has_ended()
    ).order_by(Invoice.due_on, Invoice.id)


@dataclass(frozen=True)
class Coming:
    """The next charge of an invoice to a kept card; `notice` is the announcement due now."""

    invoice: Invoice
    mandate: CardMandate
    money: Money
    step: str
    on: date
    notice: int | None

    @property
    def is_due(self) -> bool:
        return self.on <= today() and self.notice is None

    @property
    def is_repeat(self) -> bool:
        return self.step != "0"

    @property
    def key(self) -> str:
        """What is announced: another amount or another card is announced anew."""
        return f"charge:{self.invoice.id}:{self.mandate.id}:{self.money.minor}"


def coming(invoice: Invoice, mandate: CardMandate) -> Coming | None:
    """None when nothing is owed, or when no further charge follows by itself."""
    money, charges = balance(invoice), charges_of(invoice.id)
    needs_payer = any(
        one.failure == NEEDS_PAYER and one.mandate_id == mandate.id for one in charges
    )
    if not money or needs_payer:
        return None
    key = f"charge:{invoice.id}:{mandate.id}:{money.minor}:"
    notices = [one for one in told(f"invoice:{invoice.id}", ANNOUNCED) if one.key.startswith(key)]
    day = today()
    first = min((clock.day_of(one.at, association().zone) for one in notices), default=day)
    tries = [automatic.Try(one.step, one.on) for one in charges]
    plan = automatic.plan(invoice.due_on, first, tries)
    if plan is None:
        return None
    said = {int(one.key.removeprefix(key)) for one in notices}
    due = automatic.notice(plan.on, day, said)
    return Coming(invoice, mandate, money, plan.step, plan.on, due)


def coming_of(organization_id: int) -> list[Coming]:
    """What will be charged to a firm's card, as far as is known, the next first."""
    query = invoices_on_cards().where(Invoice.organization_id == organization_id)
    found = (coming(invoice, mandate) for invoice, mandate in db.session.execute(query))
    return sorted((one for one in found if one), key=lambda one: (one.on, one.invoice.id))


def live_attempt(invoice_id: int) -> PaymentAttempt | None:
    query = select(PaymentAttempt).where(
        PaymentAttempt.invoice_id == invoice_id, PaymentAttempt.status.in_(LIVE)
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def for_a_person() -> Select[AutomaticCharge]:
    """Charges after which no other follows by itself, while something is still owed."""
    over = AttemptStatus.FAILED, AttemptStatus.CANCELLED, AttemptStatus.REQUIRES_ACTION
    return (
        select(AutomaticCharge)
        .join(AutomaticCharge.attempt)
        .join(Invoice, Invoice.id == AutomaticCharge.invoice_id)
        .where(PaymentAttempt.status.in_(over), owed() > 0)
        .where(or_(AutomaticCharge.step == LAST_STEP, AutomaticCharge.failure == NEEDS_PAYER))
        .options(
            joinedload(AutomaticCharge.mandate).joinedload(CardMandate.organization),
            joinedload(AutomaticCharge.attempt).joinedload(PaymentAttempt.invoice),
        )
        .order_by(AutomaticCharge.on)
    )
