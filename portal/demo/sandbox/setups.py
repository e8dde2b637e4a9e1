"""Setup intents: a card is saved for later, and nothing is charged."""

from typing import Any

from portal.demo.sandbox import customers, payments
from portal.demo.sandbox.account import Account
from portal.demo.sandbox.cards import Card
from portal.demo.sandbox.state import Thing, new_id


def begin(account: Account, customer: str | None, about: dict[str, Any]) -> Thing:
    setup_id = new_id("seti_")
    setup: Thing = {
        "id": setup_id, "object": "setup_intent", "application": None, "attach_to_self": False,
        "automatic_payment_methods": None, "cancellation_reason": None,
        "client_secret": new_id(f"{setup_id}_secret_"), "created": account.now(),
        "customer": customer, "description": about.get("description"), "flow_directions": None,
        "last_setup_error": None, "latest_attempt": None, "livemode": False, "mandate": None,
        "metadata": about.get("metadata") or {}, "next_action": None, "on_behalf_of": None,
        "payment_method": None, "payment_method_options": {}, "payment_method_types": ["card"],
        "single_use_mandate": None, "status": "requires_payment_method", "usage": "off_session",
        "_session": about["_session"], "_return_url": None, "_tried": None,
    }  # fmt: skip
    account.emit("setup_intent.created", account.store.save(setup))
    return setup


def attempt(account: Account, setup: Thing, card: Card, origin: str) -> Thing:
    """Try to save the card: saved, declined, or waiting for the bank's question."""
    setup.update(last_setup_error=None, next_action=None)
    if card.does == "declines" and not card.can_be_saved:
        message = payments.DECLINE_WORDS.get(card.decline_code, payments.DECLINED)
        return _fail(account, setup, "card_declined", message)
    setup["payment_method"] = payments.method(account, card)
    if card.asks_to_save:
        setup["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": f"{origin}/c/auth/{setup['id']}", "return_url": None},
        }
        setup["status"] = "requires_action"
        account.emit("setup_intent.requires_action", account.store.save(setup))
        return setup
    return _succeed(account, setup)


def authenticate(account: Account, setup: Thing, *, is_authorised: bool) -> Thing:
    setup["next_action"] = None
    if is_authorised:
        return _succeed(account, setup)
    return _fail(account, setup, "setup_intent_authentication_failure", payments.NOT_AUTHENTICATED)


def _succeed(account: Account, setup: Thing) -> Thing:
    session = account.store.find(setup["_session"]) or {}
    setup["customer"] = customers.of_session(account, session)
    customers.attach(account, setup["payment_method"], setup["customer"])
    setup.update(status="succeeded")
    account.emit("setup_intent.succeeded", account.store.save(setup))
    return setup


def _fail(account: Account, setup: Thing, code: str, message: str) -> Thing:
    setup.update(
        status="requires_payment_method", payment_method=None,
        last_setup_error={"code": code, "type": "card_error", "message": message},
    )  # fmt: skip
    account.emit("setup_intent.setup_failed", account.store.save(setup))
    return setup
