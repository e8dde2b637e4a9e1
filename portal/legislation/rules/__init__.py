"""Which neutral stage a bill has reached, by named rules of each source, and why."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from portal.legislation.bills import Bill
from portal.legislation.stages import ENDED, LAW, Stage

MAPPING = 1  # raised when a rule changes: stages reckoned under another are reckoned anew
OUTCOME_DAYS = 60  # after a session's end, a measure still with the executive is looked into


@dataclass(frozen=True)
class Derived:
    """A stage with the rule that fired and what made it fire.

    `confidence` is stated (the source says so), derived (from its actions) or
    inferred_from_calendar. `flags` are facts beside the stage: unsigned, pocket, …
    """

    stage: Stage
    rule: str
    evidence: str = ""
    confidence: str = "stated"
    flags: frozenset[str] = frozenset()
    outcome: str = ""  # law, resolution_adopted, regulation, ordinance


@dataclass(frozen=True)
class SessionEnd:
    """When a session ended, or will, and whether its bills go on in the next one."""

    on: date
    kind: str
    carries_over: bool = False


OUTLIVES = frozenset({Stage.TO_EXECUTIVE, Stage.VETO_OVERRIDDEN})
CLOSED = ENDED | LAW


def after_session(found: Derived, bill: Bill, end: SessionEnd | None, as_of: date) -> Derived:
    """What the calendar makes of a measure that nothing has ended when its session has.

    Assent may come after adjournment: what waits for it keeps its stage and is to be looked into.
    """
    if end is None or end.on > as_of or found.stage in CLOSED or found.stage == Stage.CARRIED_OVER:
        return found
    if found.stage in OUTLIVES:
        late = as_of > end.on + timedelta(days=OUTCOME_DAYS)
        return replace(found, flags=found.flags | {"check_outcome"}) if late else found
    if end.carries_over:
        return replace(found, stage=Stage.CARRIED_OVER, rule="session_carries_over")
    last = bill.latest_action_on
    evidence = f"session ended {end.on.isoformat()}" + (f", last action {last}" if last else "")
    unseen = bill.revised_at and bill.revised_at[:10] < end.on.isoformat()
    halves = {"check_outcome"} if unseen and "override_pending" in found.flags else set()
    return replace(
        found, stage=Stage.LAPSED, rule="session_ended", evidence=evidence,
        confidence="inferred_from_calendar", flags=found.flags | halves,
    )  # fmt: skip
