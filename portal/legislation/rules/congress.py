"""Stages of bills of the United States Congress, by the status that `data.json` states."""

from portal.legislation.bills import Bill
from portal.legislation.rules import Derived, openstates
from portal.legislation.stages import Stage

S = Stage
_EXACT = {
    "INTRODUCED": (S.INTRODUCED, "us.introduced"), "REFERRED": (S.COMMITTEE, "us.referred"),
    "REPORTED": (S.REPORTED, "us.reported"), "PASSED:BILL": (S.TO_EXECUTIVE, "us.passed_bill"),
    "PASSED:SIMPLERES": (S.ENACTED, "us.resolution"),
    "PASSED:CONCURRENTRES": (S.ENACTED, "us.resolution"),
    "PASSED:CONSTAMEND": (S.PASSED_SECOND, "us.constamend"),
    "PROV_KILL:VETO": (S.VETOED, "us.veto"), "VETOED:POCKET": (S.VETOED, "us.veto"),
}  # fmt: skip
_BEGINS = (
    ("PASS_OVER:", S.SECOND_CHAMBER, "us.pass_over"),
    ("PASS_BACK:", S.RECONCILIATION, "us.pass_back"),
    ("CONFERENCE:", S.RECONCILIATION, "us.conference"),
    ("VETOED:OVERRIDE_PASS_OVER:", S.VETOED, "us.override_half"),
    ("VETOED:OVERRIDE_FAIL", S.VETOED, "us.override_failed"),
    ("FAIL:", S.FAILED, "us.failed"),
    ("ENACTED:", S.ENACTED, "us.enacted"),
)
_FLAGS = {
    "VETOED:POCKET": "pocket",
    "ENACTED:TENDAYRULE": "unsigned",
    "us.override_half": "override_pending",
}


def derive(bill: Bill, today: str = "") -> Derived:
    """The status of the whole bill; without one (BILLSTATUS files), what its actions tell."""
    if not bill.status_code:
        return _by_actions(bill, today)
    code = bill.status_code
    if code.startswith("PROV_KILL:") and code != "PROV_KILL:VETO":
        return _provisional(bill, code)
    stage, rule = _named(code)
    flags = {_FLAGS[one] for one in (code, rule) if one in _FLAGS}
    outcome = {"us.enacted": "law", "us.resolution": "resolution_adopted"}.get(rule, "")
    return Derived(stage, rule, f"status {code}, {bill.status_on}", flags=frozenset(flags),
                   outcome=outcome)  # fmt: skip


def _named(code: str) -> tuple[Stage, str]:
    if code in _EXACT:
        return _EXACT[code]
    for begin, stage, rule in _BEGINS:
        if code.startswith(begin):
            return stage, rule
    return Stage.UNKNOWN, "none"


def _provisional(bill: Bill, code: str) -> Derived:
    """A vote of procedure was lost: the bill stands where it stood before, with a flag."""
    before = [status for _at, status in bill.facts.get("statuses", ())
              if not status.startswith("PROV_KILL:")]  # fmt: skip
    stage = _named(before[-1])[0] if before else Stage.UNKNOWN
    said = f"status {code}, {bill.status_on}"
    return Derived(stage, "us.prov_kill", said, flags=frozenset({"provisional_kill"}))


def _by_actions(bill: Bill, today: str) -> Derived:
    """BILLSTATUS has types of actions and words: laws first, then the words of the others."""
    for one in reversed(bill.actions):
        if "BecameLaw" in one.classes:
            said = f"{one.on}: {one.text}"[:300]
            return Derived(Stage.ENACTED, "us.enacted", said, "derived", outcome="law")
        if "Veto" in one.classes:
            return Derived(Stage.VETOED, "us.veto", f"{one.on}: {one.text}"[:300], "derived")
    return openstates.derive(bill, today)
