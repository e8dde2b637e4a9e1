"""Customers, and the cards that are attached to them."""

from typing import Any

from portal.demo.sandbox.account import Account
from portal.demo.sandbox.errors import refused
from portal.demo.sandbox.state import Thing, new_id, public


def create(account: Account, asked: dict[str, Any], _origin: str) -> Thing:
    customer: Thing = {
        "id": new_id("cus_", 14), "object": "customer", "address": None, "balance": 0,
        "created": account.now(), "currency": None, "default_source": None, "delinquent": False,
        "description": asked.get("description"), "email": asked.get("email"),
        "invoice_settings": {"default_payment_method": None},
        "livemode": False, "metadata": asked.get("metadata") or {}, "name": asked.get("name"),
        "phone": asked.get("phone"), "preferred_locales": [], "shipping": None,
        "tax_exempt": "none", "test_clock": None,
    }  # fmt: skip
    account.emit("customer.created", account.store.save(customer))
    return public(customer)


def of_session(account: Account, session: Thing) -> str | None:
    """The checkout's customer; made when it is to have one and the card is good."""
    if session["customer"] is None and session["customer_creation"] == "always":
        made = create(account, {"email": session["customer_email"]}, "")
        session["customer"] = made["id"]
        account.store.save(session)
    customer: str | None = session["customer"]
    return customer


def attach(account: Account, method_id: str, customer: str | None) -> None:
    """Set up for charges without the payer; a card that asked once asks no more."""
    method = account.get(method_id, "payment_method", "PaymentMethod")
    method.update(customer=customer, _is_set_up=True)
    account.emit("payment_method.attached", account.store.save(method))


def detach(account: Account, _asked: dict[str, Any], _origin: str, method_id: str) -> Thing:
    method = account.get(method_id, "payment_method", "PaymentMethod")
    if method["customer"] is None:
        raise refused(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible."
        )
    method.update(customer=None, _is_detached=True)
    account.emit("payment_method.detached", account.store.save(method))
    return public(method)
