"""Cards that firms let us charge, and what was charged to them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.association.queries import day_of, today
from portal.core.db import db
from portal.core.merging import leads_to
from portal.core.money import Money
from portal.dues import automatic, consent
from portal.dues.models import (
    LIVE,
    AttemptStatus,
    AutomaticCharge,
    CardMandate,
    Instalment,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    PaymentAttempt,
)
from portal.dues.queries.breaks import ended_breaks
from portal.dues.queries.early import early_offers
from portal.dues.queries.invoices import balances, has_disputed_money, owed
from portal.members.models import Membership, Organization, Term
from portal.members.overlays import STOPS_REMINDERS, is_under
from portal.notices.models import Notice

ANNOUNCED = "dues/charge_announced"
NEEDS_PAYER = "authentication_required"
LAST_STEP = str(automatic.STEPS[-1])

# A room that knows who leaves says so, of the membership ids in a column.
leaving: list[Callable[[SQLColumnExpression[Any]], ColumnElement[bool]]] = []


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


def _is_not_for_us() -> ColumnElement[bool]:
    """Of the outer query's invoice: it is held, paused, disputed or paid by a plan of parts.

    Or its membership is held or paused, or is over.
    """
    day = today()
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
        .where(or_(
            Membership.ended_on.is_not(None), term_ended,
            is_under("membership", Membership.id, STOPS_REMINDERS, day),
            *(is_left(Membership.id) for is_left in leaving),
        ))
    )  # fmt: skip
    stopped = is_under("invoice", Invoice.id, STOPS_REMINDERS, day)
    plan = exists().where(Instalment.invoice_id == Invoice.id, Instalment.ended_at.is_(None))
    return or_(stopped, plan, has_disputed_money(), query.correlate(Invoice).exists())


def invoices_on_cards() -> Select[Invoice, CardMandate]:
    """Dues that are owed by firms whose card may be charged, and that card."""
    query = select(Invoice, CardMandate).join(
        CardMandate, leads_to(Organization, Invoice.organization_id, CardMandate.organization_id)
    )
    is_own = Invoice.paid_by["name"].as_string().is_(None)  # else it is another's to pay
    return query.where(
        _is_kept(), Invoice.kind == InvoiceKind.DUES, owed() > 0, is_own, ~_is_not_for_us()
    ).order_by(Invoice.due_on, Invoice.id)


@dataclass(frozen=True)
class Coming:
    """The next charge of an invoice to a kept card; `notice` is the announcement due now."""

    invoice: Invoice
    mandate: CardMandate
    money: Money
    step: str
    on: date
    notice: int | None = None
    off: Money | None = None  # how much less than is owed, as it is early
    after: str = ""  # marks what stopped it and is over: what was said before is out of date

    @property
    def is_due(self) -> bool:
        return self.on <= today() and self.notice is None

    @property
    def is_repeat(self) -> bool:
        return self.step not in {"0", automatic.EARLY}

    @property
    def key(self) -> str:
        """What is announced: another amount or another card is announced anew."""
        return _key(self.invoice, self.mandate, self.money, self.after)


def _key(invoice: Invoice, mandate: CardMandate, money: Money, after: str) -> str:
    return f"charge:{invoice.id}:{mandate.id}:{money.minor}{after}"


def coming(invoice: Invoice, mandate: CardMandate) -> Coming | None:
    """None when nothing is owed, or when no further charge follows by itself."""
    return next(iter(_coming([(invoice, mandate)])), None)


def next_charge(invoice: Invoice) -> Coming | None:
    """What is charged for it by itself next; None where no kept card pays it."""
    found = db.session.execute(invoices_on_cards().where(Invoice.id == invoice.id)).first()
    return coming(*found) if found else None


def coming_of(organization_id: int) -> list[Coming]:
    """What will be charged to a firm's card, as far as is known, the next first."""
    query = invoices_on_cards().where(CardMandate.organization_id == organization_id)
    query = query.options(selectinload(Invoice.lines))
    found = _coming([(invoice, mandate) for invoice, mandate in db.session.execute(query)])
    return sorted(found, key=lambda one: (one.on, one.invoice.id))


def coming_charges() -> list[Coming]:
    """What will be charged to every kept card, as far as is known."""
    lines, firm = selectinload(Invoice.lines), joinedload(CardMandate.organization)
    found = db.session.execute(invoices_on_cards().options(lines, firm))
    return list(_coming([(invoice, mandate) for invoice, mandate in found]))


def _coming(pairs: Sequence[tuple[Invoice, CardMandate]]) -> Iterator[Coming]:
    """As many statements, however many invoices there are."""
    ids = [invoice.id for invoice, _ in pairs]
    owed_minor, charges, ended = balances(ids), _charges_by_invoice(ids), ended_breaks(ids)
    offers = early_offers([invoice for invoice, mandate in pairs if _agreed(invoice, mandate)])
    subjects = {f"invoice:{one}" for one in ids}
    query = select(Notice).where(Notice.kind == ANNOUNCED, Notice.subject.in_(subjects))
    notices = db.session.scalars(query).all() if ids else []
    for invoice, mandate in pairs:
        full, after = Money(owed_minor[invoice.id], invoice.currency), ended.get(invoice.id, "")
        early = [(offers[invoice.id][1], invoice.early_until_on)] if invoice.id in offers else []
        for money, last_day in [*early, (full, None)]:  # the less by its day, then all
            key = _key(invoice, mandate, money, after) + ":"
            said = [one for one in notices if one.key.startswith(key)]
            first = min((day_of(one.at) for one in said), default=today())
            found = _next(invoice, mandate, money, charges[invoice.id], first, last_day)
            if found:
                told = {int(one.key.rpartition(":")[2]) for one in said}
                due = automatic.notice(found.on, today(), told)
                yield replace(found, notice=due, after=after, off=full - money)
                break


def _agreed(invoice: Invoice, mandate: CardMandate) -> bool:
    """May the card be charged on the early day?"""
    is_newer = mandate.text_version not in consent.BEFORE_EARLY
    return is_newer or invoice.early_until_on == invoice.due_on


def _charges_by_invoice(ids: Sequence[int]) -> dict[int, list[AutomaticCharge]]:
    found: dict[int, list[AutomaticCharge]] = {one: [] for one in ids}
    query = select(AutomaticCharge).where(AutomaticCharge.invoice_id.in_(ids))
    query = query.options(joinedload(AutomaticCharge.attempt))
    for one in db.session.scalars(query.order_by(AutomaticCharge.id)):
        found[one.invoice_id].append(one)
    return found


def _next(
    invoice: Invoice, mandate: CardMandate, money: Money, charges: Sequence[AutomaticCharge],
    announced_on: date, last_day: date | None,
) -> Coming | None:  # fmt: skip
    """`last_day` is that of what settles it early; None for all that is owed."""
    needs_payer = any(
        one.failure == NEEDS_PAYER and one.mandate_id == mandate.id for one in charges
    )
    has_paid = any(one.attempt.status is AttemptStatus.SUCCEEDED for one in charges)
    if not money or needs_payer or has_paid:  # what was charged and went again asks for a person
        return None
    tries = [automatic.Try(one.step, one.on) for one in charges]
    if last_day:
        plan = automatic.early_plan(last_day, announced_on, tries)
    else:
        plan = automatic.plan(invoice.due_on, announced_on, tries)
    return Coming(invoice, mandate, money, plan.step, plan.on) if plan else None


def live_attempt(invoice_id: int) -> PaymentAttempt | None:
    query = select(PaymentAttempt).where(
        PaymentAttempt.invoice_id == invoice_id, PaymentAttempt.status.in_(LIVE)
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def for_a_person() -> Select[AutomaticCharge]:
    """Charges after which no other follows by itself, while something is still owed."""
    over = AttemptStatus.FAILED, AttemptStatus.CANCELLED, AttemptStatus.REQUIRES_ACTION
    last = or_(AutomaticCharge.step == LAST_STEP, AutomaticCharge.failure == NEEDS_PAYER)
    return (
        select(AutomaticCharge)
        .join(AutomaticCharge.attempt)
        .join(Invoice, Invoice.id == AutomaticCharge.invoice_id)
        .where(owed() > 0)
        .where(
            or_(
                PaymentAttempt.status == AttemptStatus.SUCCEEDED,
                and_(PaymentAttempt.status.in_(over), last),
            )
        )
        .options(
            joinedload(AutomaticCharge.mandate).joinedload(CardMandate.organization),
            joinedload(AutomaticCharge.attempt).joinedload(PaymentAttempt.invoice),
        )
        .order_by(AutomaticCharge.on)
    )
