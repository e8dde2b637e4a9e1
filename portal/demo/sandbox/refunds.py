"""Refunds: never more than was paid and is not yet given back."""

from typing import Any

from portal.demo.sandbox import money_in
from portal.demo.sandbox.account import Account
from portal.demo.sandbox.conversion import give_back
from portal.demo.sandbox.currencies import check_step, in_words
from portal.demo.sandbox.errors import refused
from portal.demo.sandbox.state import Thing, merged, new_id, public


def create(account: Account, asked: dict[str, Any], _origin: str) -> Thing:
    charge = _charge_of(account, asked)
    amount = _amount(charge, asked.get("amount"))
    refund: Thing = {
        "id": new_id("re_"), "object": "refund", "amount": amount, "charge": charge["id"],
        "created": account.now(), "currency": charge["currency"], "balance_transaction": None,
        "destination_details": {"type": "card", "card": {
            "reference_status": "pending", "reference_type": "acquirer_reference_number",
            "type": "refund"}},
        "metadata": asked.get("metadata") or {}, "payment_intent": charge["payment_intent"],
        "reason": asked.get("reason"), "receipt_number": None, "source_transfer_reversal": None,
        "status": "succeeded", "transfer_reversal": None, **give_back(charge, amount),
    }  # fmt: skip
    moved = money_in.movement(account, refund, "refund", -amount)
    refund["balance_transaction"] = moved["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    account.store.save(charge)
    account.emit("refund.created", account.store.save(refund))
    account.emit("charge.refunded", charge)
    _refer(account, refund)
    return public(refund)


def _refer(account: Account, refund: Thing) -> None:
    """The bank's reference comes a moment later: the one update that every refund sees."""
    before = dict(refund["destination_details"]["card"])
    refund["destination_details"]["card"].update(
        reference=new_id("", 23), reference_status="available"
    )
    previous = {"destination_details": {"card": before}}
    account.emit("refund.updated", account.store.save(refund), previous)


def update(account: Account, asked: dict[str, Any], _origin: str, refund_id: str) -> Thing:
    refund = account.get(refund_id, "refund", "refund")
    previous = {"metadata": dict(refund["metadata"])}
    refund["metadata"] = merged(refund["metadata"], asked.get("metadata"))
    account.emit("refund.updated", account.store.save(refund), previous)
    return public(refund)


def _charge_of(account: Account, asked: dict[str, Any]) -> Thing:
    if ("charge" in asked) is ("payment_intent" in asked):
        raise refused("You must provide exactly one of these parameters: charge, payment_intent.")
    charge_id = asked.get("charge", "")
    if not charge_id:
        named = asked["payment_intent"]
        intent = account.get(named, "payment_intent", "payment_intent", "payment_intent")
        charge_id = intent["latest_charge"] or ""
        if not charge_id:
            message = f"This PaymentIntent ({named}) does not have a successful charge to refund."
            raise refused(message, "payment_intent", "payment_intent_unexpected_state")
    charge = account.get(charge_id, "charge", "charge", "charge")
    if charge["status"] != "succeeded":
        raise refused(f"Charge {charge_id} has not been paid and cannot be refunded.", "charge")
    if charge["disputed"]:
        message = f"Charge {charge_id} has been charged back; cannot issue a refund."
        raise refused(message, code="charge_disputed")
    return charge


def _amount(charge: Thing, asked: int | None) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    if not left:
        message = f"Charge {charge['id']} has already been refunded."
        raise refused(message, code="charge_already_refunded")
    amount = left if asked is None else asked
    if amount < 1:
        raise refused("Invalid positive integer", "amount", "parameter_invalid_integer")
    check_step(amount, charge["currency"], "amount")
    if amount > left:
        wanted, most = (in_words(one, charge["currency"]) for one in (amount, left))
        raise refused(
            f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({most})",
            "amount",
        )
    return amount
