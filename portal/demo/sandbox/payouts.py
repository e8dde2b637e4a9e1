"""Payouts: the balance goes to the bank account; automatic ones name what they hold."""

from collections.abc import Callable
from typing import Any

from portal.demo.sandbox import money_in
from portal.demo.sandbox.account import Account
from portal.demo.sandbox.currencies import checked_currency, whole_payout
from portal.demo.sandbox.errors import refused
from portal.demo.sandbox.state import Thing, new_id, public


def create(account: Account, asked: dict[str, Any], _origin: str) -> Thing:
    """One by hand, of so much as is asked for."""
    currency = checked_currency(asked["currency"], "currency")
    amount, there = asked["amount"], available(account).get(currency, 0)
    if amount < 1:
        raise refused("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount != whole_payout(amount, currency):
        raise refused(f"Payouts in {currency} must be evenly divisible by 100", "amount")
    if amount > there:
        message = "You have insufficient funds in your Stripe account for this transfer."
        raise refused(message, "amount", "balance_insufficient")
    return public(_pay(account, amount, currency, asked))


def pay_all(account: Account) -> list[Thing]:
    """What Stripe does every day by itself: all that is there, one payout for each currency."""
    with account.store.transaction():
        whole = {code: whole_payout(minor, code) for code, minor in available(account).items()}
        return [
            public(_pay(account, minor, currency, {}, automatic=True))
            for currency, minor in sorted(whole.items()) if minor > 0
        ]  # fmt: skip


def fail(account: Account, payout_id: str) -> Thing:
    """The bank sends it back: the money lies on the balance again."""
    with account.store.transaction():
        payout = account.get(payout_id, "payout", "payout")
        if payout["status"] != "paid":
            raise refused(f"Payout {payout_id} has a status of {payout['status']}.")
        moved = money_in.movement(account, payout, "payout_failure", payout["amount"])
        payout.update(
            status="failed", failure_balance_transaction=moved["id"],
            failure_code="account_closed",
            failure_message="The bank account has been closed.",
        )  # fmt: skip
        account.emit("payout.failed", account.store.save(payout))
        return public(payout)


def available(account: Account) -> dict[str, int]:
    return {one["currency"]: one["amount"] for one in money_in.balance(account)["available"]}


def held_by(account: Account, payout_id: str) -> Callable[[Thing], bool]:
    """Of a list of movements: those in this payout. One made by hand names none, as at Stripe."""
    payout = account.get(payout_id, "payout", "payout", "payout")
    if not payout["automatic"]:
        message = "Balance transaction history can only be filtered on automatic transfers."
        raise refused(message, "payout")
    return lambda moved: moved.get("_payout") == payout_id


def _pay(
    account: Account, amount: int, currency: str, asked: dict[str, Any], *, automatic: bool = False
) -> Thing:
    payout: Thing = {
        "id": new_id("po_"), "object": "payout", "amount": amount, "application_fee": None,
        "application_fee_amount": None, "arrival_date": account.now(), "automatic": automatic,
        "created": account.now(), "currency": currency,
        "description": asked.get("description") or "STRIPE PAYOUT", "destination": None,
        "failure_balance_transaction": None, "failure_code": None, "failure_message": None,
        "livemode": False, "metadata": asked.get("metadata") or {}, "method": "standard",
        "original_payout": None, "payout_method": None,
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "reversed_by": None, "source_type": "card",
        "statement_descriptor": asked.get("statement_descriptor"), "status": "in_transit",
        "trace_id": {"status": "supported", "value": new_id("", 20).upper()},
        "type": "bank_account",
    }  # fmt: skip
    moved = money_in.movement(account, payout, "payout", -amount)
    payout["balance_transaction"] = moved["id"]
    if automatic:
        _gather(account, payout)
    account.emit("payout.created", account.store.save(payout))
    payout["status"] = "paid"
    account.emit("payout.paid", account.store.save(payout))
    return payout


def _gather(account: Account, payout: Thing) -> None:
    for moved in list(account.store.all_of("balance_transaction")):
        if moved["currency"] == payout["currency"] and "_payout" not in moved:
            moved["_payout"] = payout["id"]
            account.store.save(moved)
