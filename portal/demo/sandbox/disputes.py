"""Disputes: opened by one of the test cards, answered with evidence, won or lost."""

from typing import Any

from portal.demo.sandbox import money_in
from portal.demo.sandbox.account import Account
from portal.demo.sandbox.errors import refused
from portal.demo.sandbox.state import Thing, merged, new_id, public

FEE = 1500
DAYS_TO_ANSWER = 7
WINNING = "winning_evidence"  # Stripe's own test words; anything else that is submitted loses


def open_over(account: Account, charge: Thing) -> None:
    dispute: Thing = {
        "id": new_id("du_"), "object": "dispute", "amount": charge["amount"],
        "balance_transactions": [], "charge": charge["id"], "created": account.now(),
        "currency": charge["currency"], "enhanced_eligibility_types": [], "evidence": {},
        "evidence_details": {
            "due_by": account.now() + DAYS_TO_ANSWER * 86400, "enhanced_eligibility": {},
            "has_evidence": False, "past_due": False, "submission_count": 0,
        },
        "is_charge_refundable": False, "livemode": False, "metadata": {},
        "network_reason_code": "10.4", "payment_intent": charge["payment_intent"],
        "payment_method_details": {"type": "card", "card": {
            "brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4"}},
        "reason": "fraudulent", "status": "needs_response",
    }  # fmt: skip
    moved = money_in.movement(account, dispute, "adjustment", -charge["amount"], FEE)
    dispute["balance_transactions"].append(moved)
    charge["disputed"] = True
    account.store.save(charge)
    account.emit("charge.dispute.created", account.store.save(dispute))
    account.emit("charge.dispute.funds_withdrawn", dispute)


def update(account: Account, asked: dict[str, Any], _origin: str, dispute_id: str) -> Thing:
    """Evidence given; with `submit` it is decided at once: `winning_evidence` wins."""
    dispute = _open_one(account, dispute_id)
    evidence = asked.get("evidence") or {}
    dispute["evidence"].update(evidence)
    dispute["metadata"] = merged(dispute["metadata"], asked.get("metadata"))
    dispute["evidence_details"]["has_evidence"] = bool(dispute["evidence"])
    account.store.save(dispute)
    if asked.get("submit", bool(evidence)) and evidence:
        dispute["evidence_details"]["submission_count"] += 1
        is_won = dispute["evidence"].get("uncategorized_text") == WINNING
        return _decide(account, dispute, is_won=is_won)
    account.emit("charge.dispute.updated", dispute)
    return public(dispute)


def close(account: Account, _asked: dict[str, Any], _origin: str, dispute_id: str) -> Thing:
    return _decide(account, _open_one(account, dispute_id), is_won=False)


def _open_one(account: Account, dispute_id: str) -> Thing:
    dispute = account.get(dispute_id, "dispute", "dispute")
    if dispute["status"] != "needs_response":
        raise refused("This dispute is already closed", code="dispute_already_closed")
    return dispute


def _decide(account: Account, dispute: Thing, *, is_won: bool) -> Thing:
    dispute["status"] = "won" if is_won else "lost"
    if is_won:
        moved = money_in.movement(account, dispute, "adjustment", dispute["amount"])
        dispute["balance_transactions"].append(moved)
    account.emit("charge.dispute.closed", account.store.save(dispute))
    if is_won:
        account.emit("charge.dispute.funds_reinstated", dispute)
    return public(dispute)
