"""The neutral stages of a measure, in words and in order, and the bar that shows them."""

import enum


class Stage(enum.StrEnum):
    UNKNOWN = "unknown"
    DRAFT = "draft"
    CONSULTATION = "consultation"
    INTRODUCED = "introduced"
    COMMITTEE = "committee"
    REPORTED = "reported"
    PASSED_FIRST = "passed_first"
    SECOND_CHAMBER = "second_chamber"
    PASSED_SECOND = "passed_second"
    RECONCILIATION = "reconciliation"
    TO_EXECUTIVE = "to_executive"
    VETOED = "vetoed"
    VETO_OVERRIDDEN = "veto_overridden"
    ENACTED = "enacted"
    IN_FORCE = "in_force"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CARRIED_OVER = "carried_over"
    SUPERSEDED = "superseded"

    @property
    def words(self) -> str:
        return WORDS[self]


S = Stage
WORDS = {
    S.UNKNOWN: "Not determined", S.DRAFT: "Draft or prefiled", S.CONSULTATION: "Consultation",
    S.INTRODUCED: "Introduced", S.COMMITTEE: "In committee", S.REPORTED: "Reported, on the floor",
    S.PASSED_FIRST: "Passed first chamber", S.SECOND_CHAMBER: "In second chamber",
    S.PASSED_SECOND: "Passed both chambers", S.RECONCILIATION: "Reconciling texts",
    S.TO_EXECUTIVE: "Awaiting assent", S.VETOED: "Vetoed", S.VETO_OVERRIDDEN: "Veto overridden",
    S.ENACTED: "Enacted", S.IN_FORCE: "In force", S.FAILED: "Failed", S.WITHDRAWN: "Withdrawn",
    S.LAPSED: "Lapsed", S.CARRIED_OVER: "Carried over", S.SUPERSEDED: "Superseded",
}  # fmt: skip

ENDED = frozenset({S.VETOED, S.FAILED, S.WITHDRAWN, S.LAPSED, S.SUPERSEDED})
LAW = frozenset({S.ENACTED, S.IN_FORCE})
BAR = ("Introduced", "In committee", "First chamber", "Second chamber", "Law", "In force")
_REACHED = {
    S.INTRODUCED: 0, S.CARRIED_OVER: 0, S.COMMITTEE: 1, S.REPORTED: 2, S.PASSED_FIRST: 2,
    S.SECOND_CHAMBER: 3, S.PASSED_SECOND: 3, S.RECONCILIATION: 3, S.TO_EXECUTIVE: 3,
    S.VETO_OVERRIDDEN: 4, S.ENACTED: 4, S.IN_FORCE: 5,
}  # fmt: skip


def bar(stage: Stage) -> tuple[list[dict[str, str]], int | None]:
    """The steps, and which is now; one that ended has its end as the last step."""
    if stage in ENDED:
        return [{"text": BAR[0]}, {"text": WORDS[stage]}], 1
    if stage in {S.DRAFT, S.CONSULTATION, S.UNKNOWN}:
        return [{"text": WORDS[stage]}, *({"text": text} for text in BAR[:1] + BAR[4:])], 0
    return [{"text": text} for text in BAR], _REACHED[stage]


TOPICS = {
    "labor": "Labor", "transport": "Transport", "tax": "Tax", "data": "Data",
    "consumer": "Consumer", "lobbying": "Lobbying",
}  # fmt: skip
CERTAINTY = {
    "A": "seen in a source that is named",
    "B": "partly seen, partly from memory",
    "C": "from memory, not verified",
}

END_KINDS = {
    "open": "It goes on", "sine_die": "Adjourned for good (sine die)", "prorogued": "Prorogued",
    "dissolved": "Dissolved", "term_ended": "The term ends",
}  # fmt: skip
