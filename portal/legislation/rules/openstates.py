"""Stages of bills as Open States tells them: classes of actions, and words where it gives none."""

import re
from collections.abc import Callable, Iterable
from datetime import date

from portal.legislation.bills import Action, Bill
from portal.legislation.rules import Derived
from portal.legislation.stages import Stage

# Where a signature alone makes a bill law; elsewhere the source says when it became one.
SIGNED_IS_LAW = frozenset({"us-gu"})
RESOLUTIONS = frozenset({"joint_resolution", "memorial", "joint_memorial", "resolution"})
UNICAMERAL = frozenset({"us-ne", "us-dc", "us-gu", "us-pr", "us-vi"})
_FAILED = re.compile(r"\bFailed\b|postponed indefinitely", re.IGNORECASE)
_PROCEDURE = re.compile(r"suspend (?:the )?rules|concur|cloture|motion to", re.IGNORECASE)
_REPORTED = re.compile(
    r"ordered to be reported|reported (?:by|with|without|originally|favorably)"
    r"|reported to (?:the )?(?:house|senate)"
    r"|placed on (?:the )?.*calendar",
    re.IGNORECASE,
)
_REFERRED = re.compile(r"referred to", re.IGNORECASE)
_CAME = re.compile(
    r"received|read (?:twice|the|for|first)|referred|placed on|introduced", re.IGNORECASE
)
_OVERRIDE_LOST = re.compile(r"objections of the President.*failed", re.IGNORECASE)
_COMMITTEE = frozenset({"referral-committee", "hearing-held", "work-session"})
_BEGUN = frozenset({"reading-1", "introduction", "receipt"})
WYOMING_LOST = re.compile(
    r"Failed Introduction|(?:COW|2nd Reading|3rd Reading):Failed|postponed indefinitely",
    re.IGNORECASE,
)
WYOMING_LEFT = re.compile(
    r"Did not Consider (?:for Introduction|for COW)|Died in Committee Returned Bill",
    re.IGNORECASE,
)


def derive(bill: Bill, today: str = "") -> Derived:
    """The first rule that fires; actions dated after `today` are kept but do not count yet."""
    limit = today or date.max.isoformat()
    actions = [one for one in bill.actions if one.on <= limit]
    flags = _flags(actions)
    for rule in RULES:
        found = rule(bill, actions)
        if found is not None:
            return Derived(found.stage, found.rule, found.evidence, "derived",
                           flags | found.flags, found.outcome)  # fmt: skip
    return Derived(Stage.UNKNOWN, "none", "no rule fired", "derived", flags)


def _flags(actions: Iterable[Action]) -> frozenset[str]:
    classes = {name for one in actions for name in one.classes}
    found = {"line_item_veto"} if "executive-veto-line-item" in classes else set()
    if "executive-veto" in classes and "became-law" not in classes:
        tried = any(_OVERRIDE_LOST.search(one.text) for one in actions)
        found |= (
            {"override_pending"} if not tried and _has(actions, "veto-override-passage") else set()
        )
    return frozenset(found)


def _has(actions: Iterable[Action], *classes: str) -> Action | None:
    """The latest action of one of these classes."""
    found = [one for one in actions if set(classes) & set(one.classes)]
    return found[-1] if found else None


def _at(stage: Stage, rule: str, action: Action, **more: object) -> Derived:
    return Derived(stage, rule, f"{action.on}: {action.text}"[:300], **more)  # type: ignore[arg-type]


def _law(bill: Bill, actions: list[Action]) -> Derived | None:
    if found := _has(actions, "became-law"):
        return _at(Stage.ENACTED, "os.became_law", found, outcome="law")
    signed = _has(actions, "executive-signature")
    if signed is None:
        return None
    if bill.place != "us" and bill.kind in RESOLUTIONS:  # the Congress makes laws of them
        outcome = "resolution_adopted"
        return _at(Stage.ENACTED, "os.resolution_signed", signed, outcome=outcome)
    if bill.place in SIGNED_IS_LAW:
        return _at(Stage.ENACTED, "os.signed", signed, outcome="law")
    return None


def _veto(bill: Bill, actions: list[Action]) -> Derived | None:
    vetoed = _has(actions, "executive-veto")
    if vetoed is None:
        return None
    after = actions[actions.index(vetoed) :]
    bodies = {one.body for one in after if "veto-override-passage" in one.classes}
    if len(bodies) >= (1 if bill.place in UNICAMERAL else 2):
        return _at(Stage.VETO_OVERRIDDEN, "os.override", after[-1])
    return _at(Stage.VETOED, "os.veto", vetoed)


def _withdrawn(_bill: Bill, actions: list[Action]) -> Derived | None:
    found = _has(actions, "withdrawal")
    return _at(Stage.WITHDRAWN, "os.withdrawal", found) if found else None


def _wyoming(bill: Bill, actions: list[Action]) -> Derived | None:
    """Its classes mislead: what was never considered is not a vote that was lost."""
    if bill.place != "us-wy" or not actions:
        return None
    last = actions[-1]
    if WYOMING_LOST.search(last.text):
        return _at(Stage.FAILED, "wy.failed_vote", last)
    if WYOMING_LEFT.search(last.text):
        return _at(Stage.LAPSED, "wy.not_considered", last)
    return None


def _failed(bill: Bill, actions: list[Action]) -> Derived | None:
    if not actions or bill.place == "us-wy":
        return None
    last = actions[-1]
    if "failure" in last.classes or (
        _FAILED.search(last.text) and not _PROCEDURE.search(last.text)
    ):
        return _at(Stage.FAILED, "os.failure", last)
    return None


def _carried(_bill: Bill, actions: list[Action]) -> Derived | None:
    found = _has(actions, "carried-over")
    return _at(Stage.CARRIED_OVER, "os.carried_over", found) if found else None


def _executive(_bill: Bill, actions: list[Action]) -> Derived | None:
    if found := _has(actions, "executive-signature"):
        flags = frozenset({"signed"})
        return _at(Stage.TO_EXECUTIVE, "os.signed", found, flags=flags)
    found = _has(actions, "executive-receipt")
    return _at(Stage.TO_EXECUTIVE, "os.to_executive", found) if found else None


def _chambers(bill: Bill, actions: list[Action]) -> Derived | None:
    """Who passed it, and what the other chamber did since."""
    passed = [
        one for one in actions if "passage" in one.classes and one.body in {"lower", "upper"}
    ]
    if not passed:
        return None
    if bill.place in UNICAMERAL:
        return _at(Stage.PASSED_SECOND, "os.both_passed", passed[-1])
    first = passed[0].body
    second = [one for one in passed if one.body != first]
    if second:
        agreed = _has(actions, "concurrence")
        if agreed is None and re.search(r"with (?:an )?amendment", second[-1].text, re.IGNORECASE):
            return _at(Stage.RECONCILIATION, "os.differences", second[-1])
        return _at(Stage.PASSED_SECOND, "os.both_passed", agreed or second[-1])
    since = actions[actions.index(passed[0]) + 1 :]
    came = [one for one in since if one.body not in {first, "executive"} and _arrives(one)]
    if came:
        return _at(Stage.SECOND_CHAMBER, "os.second_chamber", came[-1])
    return _at(Stage.PASSED_FIRST, "os.passed_first", passed[-1])


def _arrives(action: Action) -> bool:
    known = {"receipt", "reading-1", "reading-2", "referral-committee", "introduction"}
    return bool(known & set(action.classes) or _CAME.search(action.text))


def _reported(_bill: Bill, actions: list[Action]) -> Derived | None:
    """Only once a committee was named: a bill may be put on a calendar without one."""
    named = False
    found: Action | None = None
    for one in actions:
        classes = set(one.classes)
        if named and (
            "reported-out-of-committee" in classes
            or any(name.startswith("committee-passage") for name in classes)
            or _REPORTED.search(one.text)
        ):
            found = one
        elif "referral-committee" in classes or _REFERRED.search(one.text):
            named = True
            if found and "referral-committee" in classes:
                found = None  # sent back to a committee
    return _at(Stage.REPORTED, "os.reported", found) if found else None


def _committee(_bill: Bill, actions: list[Action]) -> Derived | None:
    named = [one for one in actions if _COMMITTEE & set(one.classes) or _REFERRED.search(one.text)]
    return _at(Stage.COMMITTEE, "os.committee", named[-1]) if named else None


def _introduced(_bill: Bill, actions: list[Action]) -> Derived | None:
    begun = [one for one in actions if _BEGUN & set(one.classes)]
    if begun:
        return _at(Stage.INTRODUCED, "os.introduced", begun[-1])
    filed = _has(actions, "filing")
    return _at(Stage.DRAFT, "os.filed", filed) if filed else None


RULES: tuple[Callable[[Bill, list[Action]], Derived | None], ...] = (
    _law, _veto, _withdrawn, _wyoming, _failed, _carried, _executive, _chambers, _reported,
    _committee, _introduced,
)  # fmt: skip
