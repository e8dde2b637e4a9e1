"""Stages of bills as LegiScan tells them: its status, and the events of its progress."""

from portal.legislation.bills import Bill
from portal.legislation.rules import CLOSED, Derived
from portal.legislation.stages import Stage

ENGROSSED, ENROLLED, PASSED, VETOED, FAILED = 2, 3, 4, 5, 6
OVERRIDE, CHAPTERED, REFER, REPORT, DRAFT = 7, 8, 9, 10, 12
MADE_LAW = frozenset({"B", "JRCA", "CA", "A"})
# Where what both chambers passed is law without anybody's signature.
PASSED_IS_LAW: frozenset[str] = frozenset()


def derive(bill: Bill, today: str = "") -> Derived:
    """By status and events; a session that ended for good lets what is open lapse."""
    found = _stage(bill, today)
    if bill.is_session_over and found.stage not in CLOSED | {Stage.TO_EXECUTIVE}:
        carried = any(one.relation == "carried_over_to" for one in bill.related)
        if not carried:
            return Derived(Stage.LAPSED, "ls.sine_die", "the session adjourned for good")
    return found


def _stage(bill: Bill, today: str) -> Derived:
    said = f"status {bill.status_code}, {bill.status}"
    said += f", {bill.status_on}" if bill.status_on else ""
    seen = [event for day, event in bill.facts.get("events", ()) if not today or day <= today]
    rules = (_law, _vetoed, _ended, _on_its_way, _begun)
    found = (rule(bill, int(bill.status_code or 0), seen) for rule in rules)
    stage, rule, more = next(filter(None, found), (Stage.UNKNOWN, "none", ""))
    outcome = {"ls.chaptered": "law", "ls.resolution": "resolution_adopted"}.get(rule, "")
    return Derived(stage, rule, (more or said)[:300], outcome=outcome)


Found = tuple[Stage, str, str] | None


def _law(bill: Bill, status: int, seen: list[int]) -> Found:
    if CHAPTERED in seen:
        return Stage.ENACTED, "ls.chaptered", "event 8, chaptered"
    if status != PASSED:
        return None
    if bill.facts.get("type", "B") not in MADE_LAW:
        return Stage.ENACTED, "ls.resolution", ""
    is_law = bill.place in PASSED_IS_LAW
    return (Stage.ENACTED if is_law else Stage.TO_EXECUTIVE), "ls.passed", ""


def _vetoed(_bill: Bill, status: int, seen: list[int]) -> Found:
    if VETOED in seen and OVERRIDE in seen[seen.index(VETOED) :]:
        return Stage.VETO_OVERRIDDEN, "ls.override", "event 7 after event 5"
    return (Stage.VETOED, "ls.vetoed", "") if status == VETOED else None


def _ended(bill: Bill, status: int, _seen: list[int]) -> Found:
    if status == FAILED:
        last = bill.actions[-1].text if bill.actions else ""
        is_withdrawn = "withdrawn" in last.lower()
        return (Stage.WITHDRAWN if is_withdrawn else Stage.FAILED), "ls.failed", last
    if any(one.relation == "carried_over_to" for one in bill.related):
        return Stage.CARRIED_OVER, "ls.carry_over", "carried over to a later session"
    return None


def _on_its_way(_bill: Bill, status: int, seen: list[int]) -> Found:
    if status == ENROLLED:
        return Stage.TO_EXECUTIVE, "ls.enrolled", ""
    if status != ENGROSSED:
        return None
    since = seen[seen.index(ENGROSSED) :] if ENGROSSED in seen else []
    if {REFER, REPORT} & set(since):
        return Stage.SECOND_CHAMBER, "ls.engrossed_referred", ""
    return Stage.PASSED_FIRST, "ls.engrossed", ""


def _begun(bill: Bill, status: int, seen: list[int]) -> Found:
    named = bill.committee or any("committee" in one.text.lower() for one in bill.actions)
    if status == 1 and REPORT in seen:
        return Stage.REPORTED, "ls.reported", "event 10, reported"
    if status == 1 and (REFER in seen or named):
        return Stage.COMMITTEE, "ls.committee", bill.committee
    is_prefiled = status == 1 and bill.facts.get("prefile") and not bill.actions
    if (seen and set(seen) == {DRAFT}) or is_prefiled:
        return Stage.DRAFT, "ls.draft", ""
    return (Stage.INTRODUCED, "ls.introduced", "") if status == 1 else None
