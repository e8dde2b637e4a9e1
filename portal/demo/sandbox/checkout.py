"""Checkout Sessions with inline prices, or to save a card: made, paid, expired."""

import json
from typing import Any

from portal.demo.sandbox import customers, orders, payments, setups
from portal.demo.sandbox.account import Account
from portal.demo.sandbox.cards import Card
from portal.demo.sandbox.currencies import check_charge, checked_currency
from portal.demo.sandbox.errors import refused
from portal.demo.sandbox.state import Thing, new_id, public

PLACE = "{CHECKOUT_SESSION_ID}"


def create(account: Account, asked: dict[str, Any], origin: str) -> Thing:
    orders.check(account, asked)
    is_setup = asked["mode"] == "setup"
    lines = [] if is_setup else orders.lines(account, asked)
    total = None if is_setup else sum(line["amount_total"] for line in lines)
    currency = checked_currency(asked["currency"], "currency") if is_setup else ""
    currency = currency or lines[0]["currency"]
    if total is not None:
        check_charge(total, currency, "line_items", "The Checkout Session's total amount due")
    session = _session(account, {**asked, "_origin": origin}, total, currency)
    session["_line_items"] = lines
    if is_setup:
        about = {**asked.get("setup_intent_data", {}), "_session": session["id"]}
        session["setup_intent"] = setups.begin(account, asked.get("customer"), about)["id"]
    return public(account.store.save(session))


def _session(account: Account, asked: dict[str, Any], total: int | None, currency: str) -> Thing:
    now, session_id = account.now(), new_id("cs_test_", 58)
    customer = asked.get("customer")
    creation = None if customer else asked.get("customer_creation", "if_required")
    return {
        "id": session_id, "object": "checkout.session", "adaptive_pricing": {"enabled": False},
        "after_expiration": None, "allow_promotion_codes": None, "amount_subtotal": total,
        "amount_total": total, "automatic_tax": {"enabled": False, "liability": None,
                                                 "provider": None, "status": None},
        "billing_address_collection": None, "cancel_url": asked.get("cancel_url"),
        "client_reference_id": asked.get("client_reference_id"), "client_secret": None,
        "consent": None, "consent_collection": None, "created": now, "currency": currency,
        "custom_fields": [], "custom_text": {}, "customer": customer,
        "customer_creation": creation, "customer_details": None,
        "customer_email": asked.get("customer_email"), "discounts": [],
        "expires_at": asked.get("expires_at", now + orders.LONGEST), "invoice": None,
        "invoice_creation": None, "livemode": False, "locale": asked.get("locale"),
        "metadata": asked.get("metadata", {}), "mode": asked["mode"], "payment_intent": None,
        "payment_link": None, "payment_method_collection": "if_required",
        "payment_method_options": {}, "payment_method_types": ["card"],
        "payment_status": "no_payment_required" if total is None else "unpaid",
        "phone_number_collection": {"enabled": False},
        "recovered_from": None, "setup_intent": None, "shipping_address_collection": None,
        "shipping_cost": None, "shipping_options": [], "status": "open",
        "submit_type": asked.get("submit_type"), "subscription": None,
        "success_url": asked["success_url"], "ui_mode": "hosted_page",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "url": f"{asked['_origin']}/c/pay/{session_id}",
        "_payment": asked.get("payment_intent_data", {}),
    }  # fmt: skip


def expire(account: Account, _asked: dict[str, Any], _origin: str, session_id: str) -> Thing:
    session = account.get(session_id, "checkout.session", "checkout.session")
    if session["status"] != "open":
        raise refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
    return public(close(account, session))


def close(account: Account, session: Thing) -> Thing:
    session.update(status="expired", url=None)
    account.emit("checkout.session.expired", account.store.save(session))
    intent = account.store.find(session["payment_intent"] or "")
    if intent and intent["status"] in payments.CONFIRMABLE:
        payments.call_off(account, intent, "expired")
    return session


def expire_what_is_over(account: Account) -> None:
    with account.store.transaction():
        over = account.store.run(
            "SELECT body FROM things WHERE object = 'checkout.session'"
            " AND json_extract(body, '$.status') = 'open'"
            " AND json_extract(body, '$.expires_at') <= ?", account.now(),
        )  # fmt: skip
        for row in over:
            close(account, json.loads(row["body"]))


def pay(account: Account, session: Thing, card: Card, origin: str) -> Thing:
    """Try the card on an open session; the answer is its payment or setup intent."""
    if session["setup_intent"]:
        setup = account.get(session["setup_intent"], "setup_intent", "setup_intent")
        setups.attempt(account, setup, card, origin)
        return complete_if_paid(account, session, setup)
    intent = account.store.find(session["payment_intent"] or "")
    if intent is None:
        about = {"receipt_email": session["customer_email"], "customer": session["customer"]}
        about |= {**session["_payment"], "_session": session["id"]}
        intent = payments.begin(account, session["amount_total"], session["currency"], about)
        session["payment_intent"] = intent["id"]
        account.store.save(session)
    payments.attempt(account, intent, card, origin)
    return complete_if_paid(account, session, intent)


def complete_if_paid(account: Account, session: Thing, intent: Thing) -> Thing:
    if intent["status"] == "succeeded":
        session.update(account.get(session["id"], "checkout.session", "checkout.session"))
        email = session["customer_email"]
        if intent["object"] == "payment_intent":
            _keep_the_card(account, session, intent)
            session["payment_status"] = "paid"
            shown = intent.get("presentment_details")
            session |= {"presentment_details": shown} if shown else {}
        session.update(
            status="complete", url=None,
            customer_details={"address": None, "email": email, "name": None, "phone": None,
                              "tax_exempt": "none", "tax_ids": []},
        )  # fmt: skip
        account.emit("checkout.session.completed", account.store.save(session))
    return intent


def _keep_the_card(account: Account, session: Thing, intent: Thing) -> None:
    customer = customers.of_session(account, session)
    if session["_payment"].get("setup_future_usage"):
        intent["customer"] = customer
        account.store.save(intent)
        customers.attach(account, intent["payment_method"], customer)


def return_address(session: Thing) -> str:
    return str(session["success_url"]).replace(PLACE, session["id"])
