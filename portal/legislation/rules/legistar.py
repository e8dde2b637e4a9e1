"""Stages of a city council's matters, by the status that Legistar states."""

from portal.legislation.bills import Bill
from portal.legislation.rules import Derived
from portal.legislation.stages import Stage

S = Stage
_BY_STATUS = {
    "2": (S.INTRODUCED, "lg.introduced"), "3": (S.COMMITTEE, "lg.committee"),
    "25": (S.COMMITTEE, "lg.committee"), "24": (S.REPORTED, "lg.reported"),
    "10": (S.TO_EXECUTIVE, "lg.mayors_desk"), "11": (S.VETOED, "lg.vetoed"),
    "35": (S.ENACTED, "lg.enacted"), "20": (S.WITHDRAWN, "lg.withdrawn"),
    "8": (S.LAPSED, "lg.filed"), "5040": (S.LAPSED, "lg.filed_eos"),
}  # fmt: skip
UNSIGNED = ("City Charter Rule Adopted", "Returned Unsigned")
OVERRIDDEN = "Overridden by Council"


def derive(bill: Bill, _today: str = "") -> Derived:
    """The live status beats the history; the history says how it came about."""
    stage, rule = _BY_STATUS.get(bill.status_code, (Stage.UNKNOWN, "none"))
    texts = [one.text for one in bill.actions]
    is_overridden = any(OVERRIDDEN in text for text in texts)
    flags, outcome = set(), ""
    if stage == Stage.VETOED and is_overridden:
        stage = Stage.VETO_OVERRIDDEN
    if stage == Stage.LAPSED and rule == "lg.filed" and _was_lost(bill):
        stage = Stage.FAILED
    if stage == Stage.ENACTED:
        outcome = "resolution_adopted" if bill.kind == "resolution" else "ordinance"
        if is_overridden:
            flags.add("overridden")
        elif any(text.startswith(UNSIGNED) for text in texts):
            flags.add("unsigned")
    said = f"status {bill.status_code}, {bill.status}"
    return Derived(stage, rule, said, flags=frozenset(flags), outcome=outcome)


def _was_lost(bill: Bill) -> bool:
    return any(one.result == "fail" for one in bill.votes)
