"""Paying by card: never two hosted pages for one debt, never a lock held while Stripe thinks."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Person
from portal.core import audit, clock
from portal.core.db import db, release
from portal.core.links import settings
from portal.core.states import Refused
from portal.core.stripe_gateway import CheckoutPage, PageRefused, StripeAway, gateway
from portal.dues import charging, queries
from portal.dues.actions import Outcome, agree, keep_card, settle
from portal.dues.actions.payments import lock
from portal.dues.models import AttemptStatus, Invoice, PaymentAttempt
from portal.dues.queries import balance
from portal.dues.queries.early import to_pay_now

OPEN_FOR = timedelta(hours=2)  # Stripe allows 30 minutes to 24 hours
SPARE = timedelta(minutes=1)  # a page that is about to expire is not offered
TRIES = 4
NO_PAGE = {AttemptStatus.CREATED, AttemptStatus.UNKNOWN}


def start(
    invoice_id: int, back: str, keeper: Person | None = None, *, is_own: bool = False
) -> str:
    """The address of the hosted page for what is owed now; commits on the way.

    `back` is the path of our page that the payer left; its `/return` takes them in again.
    `keeper` lets the card be kept for the firm's later dues. `is_own` says that the firm pays
    itself what somebody else was asked to.
    A second click or tab gets the same page. Raises `Refused` when nothing is owed or cards are
    not set up, `StripeAway` when Stripe does not answer.
    """
    if not gateway().is_configured:
        raise Refused("Cards are not set up here: please pay by bank transfer.")
    for _ in range(TRIES):
        attempt = _hold(invoice_id, back, keeper, is_own=is_own)
        if queries.charge_of(attempt.id):
            charging.step_aside(attempt.id)
        elif attempt.status in NO_PAGE:
            ask_for_page(attempt.id)
        elif attempt.url and _is_usable(attempt, keeper, is_own=is_own):
            return attempt.url
        else:
            _close(attempt)
    raise Refused("Another payment of this invoice is under way. Look again in a minute.")


def _is_usable(attempt: PaymentAttempt, keeper: Person | None, *, is_own: bool) -> bool:
    is_young = attempt.expires_at > clock.now() + SPARE
    keeps = queries.mandate_of_attempt(attempt.id) is not None
    as_asked = (keeps, attempt.is_own) == (keeper is not None, is_own)
    return attempt.status is AttemptStatus.OPEN and is_young and _fits(attempt) and as_asked


def _fits(attempt: PaymentAttempt) -> bool:
    return to_pay_now(attempt.invoice) == attempt.money


def _hold(invoice_id: int, back: str, keeper: Person | None, *, is_own: bool) -> PaymentAttempt:
    """The live attempt of the invoice, or a new one, committed before anybody asks Stripe."""
    invoice = lock(invoice_id)
    if not balance(invoice):
        raise Refused("Nothing is owed on this invoice any more.")
    found = queries.live_attempt(invoice_id)
    if found and found.status is AttemptStatus.PROCESSING:
        raise Refused("A card payment is being confirmed. Look again in a minute.")
    attempt = found or _new_attempt(invoice, back, is_own=is_own)
    if keeper and not found and invoice.organization_id:
        agree(invoice.organization_id, keeper, attempt)
    try:
        db.session.commit()
    except IntegrityError as error:  # a twin was a moment faster: its page serves both
        raise Refused("This payment was just started in another window.") from error
    return attempt


def _new_attempt(invoice: Invoice, back: str, *, is_own: bool) -> PaymentAttempt:
    last = db.session.scalar(
        select(func.max(PaymentAttempt.n)).where(PaymentAttempt.invoice_id == invoice.id)
    )
    n, owed, now = (last or 0) + 1, to_pay_now(invoice), clock.now()
    attempt = PaymentAttempt(
        invoice=invoice, n=n, currency=owed.currency, amount_minor=owed.minor, back=back,
        key=f"inv-{invoice.id}-att-{n}", made_at=now, expires_at=now + OPEN_FOR,
        is_own=is_own,
    )  # fmt: skip
    db.session.add(attempt)
    db.session.flush()
    audit.record("payment.started", invoice, attempt=n, amount=str(owed))
    return attempt


def ask_for_page(attempt_id: int) -> None:
    """Ask Stripe for the attempt's page, again with the same key if need be; commits."""
    attempt = db.session.get_one(PaymentAttempt, attempt_id)
    asked = _asked(attempt)
    release()
    try:
        page = gateway().checkout(**asked)
    except Refused as refused:
        no_answer = isinstance(refused, StripeAway) and not isinstance(refused, PageRefused)
        _note(attempt_id, AttemptStatus.UNKNOWN if no_answer else AttemptStatus.CANCELLED)
        raise
    _note(attempt_id, AttemptStatus.OPEN, page)


def _asked(attempt: PaymentAttempt) -> dict[str, Any]:
    """What Stripe is asked; from stored facts only, so that asking again asks the same."""
    here = f"{settings().site_url}{attempt.back}"
    mandate = queries.mandate_of_attempt(attempt.id)
    invoice = attempt.invoice
    to = invoice.bill_to if attempt.is_own else invoice.to
    return {
        "attempt_id": attempt.id, "key": attempt.key, "money": attempt.money,
        "name": f"Invoice {invoice.number}",
        "email": to.get("email", ""),
        "success_url": f"{here}/return", "cancel_url": f"{here}?card=left",
        "expires_at": int(attempt.expires_at.timestamp()),
        "customer": (mandate.customer_id or "") if mandate else None,
    }  # fmt: skip


def _note(attempt_id: int, new: AttemptStatus, page: CheckoutPage | None = None) -> None:
    attempt = db.session.get_one(
        PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True
    )
    if page:
        attempt.session_id, attempt.url = page.session_id, page.url
    if attempt.status.may_become(new):
        audit.move(attempt, new)
    db.session.commit()


def _close(attempt: PaymentAttempt) -> None:
    """Close a page that asks for the wrong amount or is about to expire; book it if paid."""
    attempt_id, session_id = attempt.id, attempt.session_id or ""
    release()
    gateway().expire(session_id)
    look(attempt_id)


def look(attempt_id: int) -> Outcome:
    """Read from Stripe what became of an attempt, and apply it; commits."""
    attempt = db.session.get_one(PaymentAttempt, attempt_id)
    session_id, is_automatic = attempt.session_id, queries.charge_of(attempt_id) is not None
    if is_automatic:
        return charging.look_again(attempt_id)
    release()
    receipt = gateway().receipt(session_id) if session_id else None
    if receipt is None:
        return _never_was(attempt_id)
    outcome = settle(receipt)
    keep_card(receipt)
    db.session.commit()
    return outcome


def _never_was(attempt_id: int) -> Outcome:
    """Stripe knows no such page: once its time is over, nothing can come of it."""
    attempt = db.session.get_one(PaymentAttempt, attempt_id, with_for_update=True)
    is_over = attempt.expires_at < clock.now()
    for new in (AttemptStatus.EXPIRED, AttemptStatus.CANCELLED):
        if is_over and attempt.status.may_become(new):
            audit.move(attempt, new)
    db.session.commit()
    return Outcome.CLOSED if is_over else Outcome.WAITING
