"""Payment intents and charges: created, confirmed, authenticated, declined, cancelled."""

from dataclasses import replace
from typing import Any

from portal.demo.sandbox import disputes, money_in
from portal.demo.sandbox.account import Account
from portal.demo.sandbox.cards import Card, by_token
from portal.demo.sandbox.conversion import convert
from portal.demo.sandbox.currencies import check_charge, checked_currency
from portal.demo.sandbox.errors import ApiError, refused
from portal.demo.sandbox.money_in import Failure
from portal.demo.sandbox.state import Thing, new_id, public

DECLINED = "Your card was declined."
DECLINE_WORDS = {"insufficient_funds": "Your card has insufficient funds."}
NOT_AUTHENTICATED = (
    "We are unable to authenticate your payment method. Please choose a different payment "
    "method and try again."
)
ASKED_OFF_SESSION = Failure(
    "authentication_required", "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)  # fmt: skip
CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(account: Account, asked: dict[str, Any], origin: str) -> Thing:
    currency = checked_currency(asked["currency"], "currency")
    check_charge(asked["amount"], currency, "amount")
    if asked.get("customer"):
        account.get(asked["customer"], "customer", "customer", "customer")
    if asked.get("off_session") and not asked.get("confirm"):
        raise refused("off_session can only be used with confirm=true", "off_session")
    card = _card(account, asked)
    if asked.get("confirm") and card is None:
        raise _needs_card()
    intent = begin(account, asked["amount"], currency, asked)
    if card:
        intent.update(payment_method=method(account, card), status="requires_confirmation")
    account.store.save(intent)
    if asked.get("confirm") and card:
        return _confirmed(account, intent, card, asked, origin)
    return public(intent)


def begin(account: Account, amount: int, currency: str, about: dict[str, Any]) -> Thing:
    """A new intent, saved; a card is yet to come."""
    intent_id = new_id("pi_")
    intent: Thing = {
        "id": intent_id, "object": "payment_intent", "amount": amount, "amount_capturable": 0,
        "amount_received": 0, "application": None, "application_fee_amount": None,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
        "canceled_at": None, "cancellation_reason": None, "capture_method": "automatic_async",
        "client_secret": new_id(f"{intent_id}_secret_"), "confirmation_method": "automatic",
        "created": account.now(), "currency": currency, "customer": about.get("customer"),
        "description": about.get("description"), "last_payment_error": None,
        "latest_charge": None, "livemode": False, "metadata": about.get("metadata") or {},
        "next_action": None, "on_behalf_of": None, "payment_method": None,
        "payment_method_options": {}, "payment_method_types": ["card"], "processing": None,
        "receipt_email": about.get("receipt_email"), "review": None,
        "setup_future_usage": about.get("setup_future_usage"),
        "shipping": None, "source": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "requires_payment_method",
        "transfer_data": None, "transfer_group": None, "_session": about.get("_session"),
        "_return_url": about.get("return_url"),
    }  # fmt: skip
    account.store.save(intent)
    account.emit("payment_intent.created", intent)
    return intent


def confirm(account: Account, asked: dict[str, Any], origin: str, intent_id: str) -> Thing:
    intent = account.get(intent_id, "payment_intent", "payment_intent")
    _refuse_checkouts(intent, "confirm")
    if intent["status"] not in CONFIRMABLE:
        raise _unexpected(intent, "confirm")
    card = _card(account, asked) or _saved_card(account, intent)
    if card is None:
        raise _needs_card()
    intent["_return_url"] = asked.get("return_url") or intent["_return_url"]
    return _confirmed(account, intent, card, asked, origin)


def cancel(account: Account, asked: dict[str, Any], _origin: str, intent_id: str) -> Thing:
    intent = account.get(intent_id, "payment_intent", "payment_intent")
    _refuse_checkouts(intent, "cancel")
    if intent["status"] not in CONFIRMABLE:
        raise _unexpected(intent, "cancel")
    return public(call_off(account, intent, asked.get("cancellation_reason")))


def call_off(account: Account, intent: Thing, reason: str | None) -> Thing:
    intent.update(
        status="canceled", canceled_at=account.now(), cancellation_reason=reason, next_action=None
    )
    account.emit("payment_intent.canceled", account.store.save(intent))
    return intent


def attempt(account: Account, intent: Thing, card: Card, origin: str) -> Thing:
    """Try the card: the intent is then succeeded, declined or waiting for authentication."""
    intent.update(payment_method=method(account, card), last_payment_error=None, next_action=None)
    if card.does == "declines":
        message = DECLINE_WORDS.get(card.decline_code, DECLINED)
        failure = Failure("card_declined", card.decline_code, message)
        return _decline(account, intent, card, failure)
    if card.does == "asks":
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {
                "url": f"{origin}/c/auth/{intent['id']}", "return_url": intent["_return_url"],
            },
        }  # fmt: skip
        intent["status"] = "requires_action"
        account.emit("payment_intent.requires_action", account.store.save(intent))
        return intent
    return _succeed(account, intent, card)


def authenticate(account: Account, intent: Thing, *, is_authorised: bool) -> Thing:
    """The payer answered the bank's question."""
    card = _saved_card(account, intent)
    if card is None or intent["status"] != "requires_action":
        raise _unexpected(intent, "authenticate")
    intent["next_action"] = None
    if is_authorised:
        return _succeed(account, intent, card)
    intent.update(
        status="requires_payment_method",
        last_payment_error={
            "code": "payment_intent_authentication_failure", "type": "card_error",
            "message": NOT_AUTHENTICATED, "payment_method": {"id": intent["payment_method"]},
        },
        payment_method=None,
    )  # fmt: skip
    account.emit("payment_intent.payment_failed", account.store.save(intent))
    return intent


def _confirmed(
    account: Account, intent: Thing, card: Card, asked: dict[str, Any], origin: str
) -> Thing:
    if asked.get("off_session") and card.does == "asks":
        intent["payment_method"] = method(account, card)
        _decline(account, intent, card, ASKED_OFF_SESSION)
    else:
        attempt(account, intent, card, origin)
    if intent["last_payment_error"]:
        raise ApiError(402, **_as_error(intent))
    return public(intent)


def _as_error(intent: Thing) -> dict[str, Any]:
    error = dict(intent["last_payment_error"])
    return {"kind": error.pop("type"), **error, "payment_intent": public(intent)}


def _succeed(account: Account, intent: Thing, card: Card) -> Thing:
    charge = money_in.charge(account, intent, card, failure=None)
    intent.update(
        status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"],
        **convert(intent, card),
    )  # fmt: skip
    account.store.save(intent)
    account.emit("charge.succeeded", charge)
    account.emit("payment_intent.succeeded", intent)
    if card.does == "disputes":
        disputes.open_over(account, charge)
    return intent


def _decline(account: Account, intent: Thing, card: Card, failure: Failure) -> Thing:
    charge = money_in.charge(account, intent, card, failure)
    intent.update(
        status="requires_payment_method", latest_charge=charge["id"], payment_method=None,
        last_payment_error={
            "charge": charge["id"], "code": failure.code, "decline_code": failure.decline_code,
            "message": failure.message, "type": "card_error",
            "payment_method": {"id": charge["payment_method"], "object": "payment_method"},
        },
    )  # fmt: skip
    account.store.save(intent)
    account.emit("charge.failed", charge)
    account.emit("payment_intent.payment_failed", intent)
    return intent


def _card(account: Account, asked: dict[str, Any]) -> Card | None:
    """The card that is meant: a test token, or one that was saved for the same customer."""
    token = asked.get("payment_method")
    if not token or by_token(token):
        return by_token(token or "")
    saved = account.store.find(token, "payment_method")
    if saved is None:
        raise refused(f"No such PaymentMethod: '{token}'", "payment_method", "resource_missing")
    if saved["customer"] is None or saved["customer"] != asked.get("customer"):
        raise refused(
            "The provided PaymentMethod cannot be used by this customer: it was detached, or "
            "belongs to another one.", "payment_method",
        )  # fmt: skip
    return _as_card(saved)


def _as_card(saved: Thing) -> Card | None:
    """A card that was set up, and asks only then, asks no more."""
    card = by_token(saved["_token"])
    if card is None:
        return None
    is_quiet = card.does == "asks" and not card.asks_again and saved.get("_is_set_up")
    card = replace(card, does="pays") if is_quiet else card
    return replace(card, method_id=saved["id"])


def _saved_card(account: Account, intent: Thing) -> Card | None:
    saved = account.store.find(intent["payment_method"] or "")
    return _as_card(saved) if saved else None


def method(account: Account, card: Card) -> str:
    """The payment method of a card: the saved one, or a new one."""
    if card.method_id:
        return card.method_id
    month, year = card.expires
    made = account.store.save({
        "id": new_id("pm_"), "object": "payment_method", "type": "card", "customer": None,
        "created": account.now(), "livemode": False, "metadata": {}, "_token": card.token,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "card": {"brand": "visa", "last4": card.last4, "exp_month": month, "exp_year": year,
                 "country": card.country, "funding": "credit"},
    })  # fmt: skip
    return str(made["id"])


def _needs_card() -> ApiError:
    return refused(
        "You cannot confirm this PaymentIntent because it's missing a payment method.",
        "payment_method", "payment_intent_unexpected_state",
    )  # fmt: skip


def _unexpected(intent: Thing, verb: str) -> ApiError:
    status = intent["status"]
    message = f"You cannot {verb} this PaymentIntent because it has a status of {status}."
    return refused(message, code="payment_intent_unexpected_state")


def _refuse_checkouts(intent: Thing, verb: str) -> None:
    if intent["_session"]:
        raise refused(f"You cannot {verb} the PaymentIntent of a Checkout Session. Expire that.")
