"""Stages of bills of the United Kingdom's Parliament."""

from portal.legislation.bills import Bill
from portal.legislation.rules import Derived
from portal.legislation.stages import Stage

_BY_ABBREVIATION = {
    "RS": (Stage.REPORTED, "uk.report"),
    "CS": (Stage.COMMITTEE, "uk.committee"),
    "COTWH": (Stage.COMMITTEE, "uk.committee"),
    "SCS": (Stage.COMMITTEE, "uk.committee"),
    "1R": (Stage.INTRODUCED, "uk.reading"),
    "2R": (Stage.INTRODUCED, "uk.reading"),
}


def derive(bill: Bill, _today: str = "") -> Derived:
    """In this order: what ended it, then where it is now."""
    facts = bill.facts
    said = f"{bill.status}, {facts.get('stage_house') or 'both houses'}"
    if facts.get("is_act"):
        return Derived(Stage.ENACTED, "uk.act", "the API says that it is an Act", outcome="law")
    if facts.get("withdrawn_on"):
        return Derived(Stage.WITHDRAWN, "uk.withdrawn", f"withdrawn {facts['withdrawn_on']}")
    if facts.get("is_defeated"):
        return Derived(Stage.FAILED, "uk.defeated", "the API says that it was defeated")
    stage, rule = _where(bill, facts.get("abbreviation", ""), facts.get("stage_house", ""))
    return Derived(stage, rule, said)


def _where(bill: Bill, abbreviation: str, house: str) -> tuple[Stage, str]:
    if abbreviation == "RA":
        return Stage.TO_EXECUTIVE, "uk.awaiting_assent"
    if abbreviation in {"COLA", "CCLM", "PP"} or "ping" in bill.status.lower():
        return Stage.RECONCILIATION, "uk.lords_amendments"
    if house and bill.house and house != bill.house:
        return Stage.SECOND_CHAMBER, "uk.other_house"
    if abbreviation == "3R":
        moved = bill.facts.get("current_house", "") not in {"", bill.house}
        return (Stage.PASSED_FIRST if moved else Stage.REPORTED), "uk.third"
    return _BY_ABBREVIATION.get(abbreviation, (Stage.UNKNOWN, "none"))
