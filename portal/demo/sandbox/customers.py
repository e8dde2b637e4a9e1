"""Customers, as far as a checkout may name one."""

from typing import Any

from portal.demo.sandbox.account import Account
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
