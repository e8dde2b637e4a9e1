"""What a new Checkout Session asks for: held against Stripe's rules, and priced."""

import re
from typing import Any
from urllib.parse import urlsplit

from portal.demo.sandbox.account import Account
from portal.demo.sandbox.currencies import checked_currency
from portal.demo.sandbox.errors import missing, only_one_of, refused
from portal.demo.sandbox.state import Thing, new_id
from portal.demo.sandbox.typed import only_known

SHORTEST, LONGEST = 30 * 60, 24 * 3600  # seconds that a page may live
SLACK = 60  # a request is under way for a moment, and two clocks differ
MOST_LINES = 100
LONGEST_REFERENCE = 200
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ABOUT_PAYMENT = frozenset({"description", "metadata", "receipt_email", "setup_future_usage"})
ABOUT_SETUP = frozenset({"description", "metadata"})
MODES = ("payment", "setup")
NOT_IN = {"payment": {"setup_intent_data"}, "setup": {"line_items", "payment_intent_data"}}
OF_A_LINE = frozenset({"price_data", "quantity"})
OF_A_PRICE = frozenset({"currency", "product_data", "unit_amount"})


def check(account: Account, asked: dict[str, Any]) -> None:
    """Everything but the lines, in the order in which Stripe complains."""
    _check_mode(asked)
    for param in {"success_url", "cancel_url"} & set(asked):
        _check_url(asked[param], param)
    if len(asked.get("client_reference_id", "")) > LONGEST_REFERENCE:
        raise refused("client_reference_id is limited to 200 characters", "client_reference_id")
    _check_payer(account, asked)
    only_known(asked.get("payment_intent_data", {}), ABOUT_PAYMENT, "payment_intent_data")
    only_known(asked.get("setup_intent_data", {}), ABOUT_SETUP, "setup_intent_data")
    if "expires_at" in asked:
        _check_expiry(account.now(), asked["expires_at"])


def _check_mode(asked: dict[str, Any]) -> None:
    mode = asked.get("mode")
    for param in ("mode", "success_url", "currency" if mode == "setup" else "line_items"):
        if param not in asked:
            raise missing(param)
    if mode not in MODES:
        raise refused("The local sandbox has mode=payment and mode=setup only", "mode")
    for param in sorted(NOT_IN[mode] & set(asked)):
        raise refused(f"You can not pass `{param}` in `{mode}` mode.", param)
    if asked.get("ui_mode", "hosted_page") != "hosted_page":
        raise refused("The local sandbox has ui_mode=hosted_page only", "ui_mode")


def lines(account: Account, asked: dict[str, Any]) -> list[Thing]:
    """The priced lines, all of one currency."""
    found = asked["line_items"]
    if not 1 <= len(found) <= MOST_LINES:
        raise refused(f"line_items takes 1 to {MOST_LINES} lines", "line_items")
    made = [_line(account, line, f"line_items[{n}]") for n, line in enumerate(found)]
    currencies = {line["currency"] for line in made}
    if "currency" in asked:
        currencies.add(checked_currency(asked["currency"], "currency"))
    if len(currencies) > 1:
        raise refused("All line items must have the same currency.", "line_items")
    return made


def _check_url(url: str, param: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise refused("Not a valid URL", param, "url_invalid")


def _check_payer(account: Account, asked: dict[str, Any]) -> None:
    if "customer" in asked:
        if "customer_email" in asked:
            raise only_one_of("customer", "customer_email")
        if "customer_creation" in asked:
            raise only_one_of("customer", "customer_creation")
        account.get(asked["customer"], "customer", "customer", "customer")
    email = asked.get("customer_email")
    if email is not None and not EMAIL.fullmatch(email):
        raise refused(f"Invalid email address: {email}", "customer_email", "email_invalid")


def _check_expiry(now: int, at: int) -> None:
    within = None
    if at < now + SHORTEST - SLACK:
        within = "at least 30 minutes"
    if at > now + LONGEST + SLACK:
        within = "less than 24 hours"
    if within:
        message = f"The `expires_at` timestamp must be {within} from Checkout Session creation."
        raise refused(message, "expires_at")


def _line(account: Account, asked: dict[str, Any], path: str) -> Thing:
    price = _price(asked, path)
    currency = checked_currency(price["currency"], f"{path}[price_data][currency]")
    amount = price["unit_amount"] * asked["quantity"]
    return {
        "id": new_id("li_"), "object": "item", "amount_discount": 0, "amount_subtotal": amount,
        "amount_tax": 0, "amount_total": amount, "currency": currency,
        "description": price["product_data"]["name"], "quantity": asked["quantity"],
        "price": {
            "id": new_id("price_"), "object": "price", "active": False, "currency": currency,
            "billing_scheme": "per_unit", "created": account.now(), "livemode": False,
            "metadata": {}, "product": new_id("prod_", 14), "type": "one_time",
            "unit_amount": price["unit_amount"],
        },
    }  # fmt: skip


def _price(asked: dict[str, Any], path: str) -> dict[str, Any]:
    """The inline price of a line; refuses one that is incomplete or negative."""
    at = f"{path}[price_data]"
    only_known(asked, OF_A_LINE, path)
    price: dict[str, Any] = asked.get("price_data", {})
    only_known(price, OF_A_PRICE, at)
    for there, needed, where in ((asked, OF_A_LINE, path), (price, OF_A_PRICE, at)):
        for param in sorted(needed - set(there)):
            raise missing(f"{where}[{param}]")
    if asked["quantity"] < 1:
        raise refused("Invalid positive integer", f"{path}[quantity]", "parameter_invalid_integer")
    if price["unit_amount"] < 0:
        raise refused("Invalid non-negative integer", at, "parameter_invalid_integer")
    return price
