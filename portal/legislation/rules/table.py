"""Stages of bills of a mapped list: what its mapping said when the row was read."""

from portal.legislation.bills import Bill
from portal.legislation.rules import Derived
from portal.legislation.stages import Stage


def derive(bill: Bill, _today: str = "") -> Derived:
    stage, rule, evidence, outcome = bill.facts["found"]
    if stage not in set(Stage):
        return Derived(Stage.UNKNOWN, "none", f"“{stage}” is no stage")
    return Derived(Stage(stage), rule, evidence, outcome=outcome)
