"""What Stripe says of payments and cards, in our own words."""

from dataclasses import dataclass
from typing import Any

from portal.core.card_money import from_stripe
from portal.core.money import Money

NEEDS_PAYER = "authentication_required"


@dataclass(frozen=True)
class SavedCard:
    """A card that lies with Stripe: what may be shown of it, and the names it is charged by."""

    customer_id: str
    payment_method_id: str
    brand: str
    last4: str
    expiry_month: int
    expiry_year: int


@dataclass(frozen=True)
class Receipt:
    """What Stripe says of one of our checkouts or charges, read now."""

    session_id: str  # "" of a charge without a page
    attempt_id: int  # ours, from client_reference_id
    status: str  # open | complete | expired
    is_paid: bool
    has_failed: bool  # submitted, and it will not be paid
    money: Money
    payment_intent: str | None
    needs_payer: bool = False  # the bank wants to ask the payer, who was not there
    failure: str = ""  # Stripe's code: "insufficient_funds"
    mandate_id: int = 0  # ours, of a page that saves a card
    card: SavedCard | None = None  # that was saved for later


@dataclass(frozen=True)
class Taken:
    """A payment, or a refund, as Stripe lists it."""

    id: str  # pi_…, re_…
    money: Money
    at: int  # seconds since the epoch


def of_session(found: Any) -> Receipt:
    reference = str(found.client_reference_id or "")
    intent, setup = found.payment_intent, found.setup_intent
    is_paid = found.payment_status == "paid"
    gone = getattr(intent, "status", "") in {"requires_payment_method", "canceled"}
    keeps = setup or (intent if getattr(intent, "setup_future_usage", None) else None)
    return Receipt(
        session_id=found.id,
        attempt_id=int(reference) if reference.isdigit() else 0,
        status=found.status,
        is_paid=is_paid,
        has_failed=found.status == "complete" and not is_paid and gone,
        money=from_stripe(found.amount_total or 0, found.currency or "eur"),
        payment_intent=getattr(intent, "id", intent),
        mandate_id=_number_in(reference, "card-"),
        card=_card(keeps) if found.status == "complete" and keeps else None,
    )


def of_intent(found: Any) -> Receipt:
    """A charge of a kept card: nobody was at a page."""
    reference = str(found.metadata.to_dict().get("attempt", ""))
    error = found.last_payment_error
    code = (getattr(error, "decline_code", None) or getattr(error, "code", "")) if error else ""
    is_asked = found.status == "requires_action"
    is_asked |= NEEDS_PAYER in {code, getattr(error, "code", "")} and found.status != "canceled"
    is_paid = found.status == "succeeded"
    gone = found.status in {"requires_payment_method", "canceled"}
    return Receipt(
        session_id="",
        attempt_id=int(reference) if reference.isdigit() else 0,
        status="complete",
        is_paid=is_paid,
        has_failed=gone and not is_asked,
        money=from_stripe(found.amount, found.currency),
        payment_intent=found.id,
        needs_payer=is_asked and not is_paid,
        failure="" if is_paid else code or "",
    )


def _number_in(reference: str, prefix: str) -> int:
    rest = reference.removeprefix(prefix)
    return int(rest) if reference.startswith(prefix) and rest.isdigit() else 0


def _card(intent: Any) -> SavedCard | None:
    method, customer = intent.payment_method, intent.customer
    card = getattr(method, "card", None)
    if not card or not customer:
        return None
    return SavedCard(
        getattr(customer, "id", customer), method.id, card.brand, card.last4,
        card.exp_month, card.exp_year,
    )  # fmt: skip
