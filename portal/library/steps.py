"""Which steps a practice takes before readers see it, from what it says; pure."""

import re
from collections.abc import Mapping
from typing import Any

from portal.core.states import Refused
from portal.library.models.practices import PracticeStatus as S

PAY_OR_LEAVERS = re.compile(
    r"\b(pay|wages?|salar(y|ies)|bonus(es)?|attrition|turnover|leavers?|churn)\b", re.IGNORECASE
)
FORWARD = (S.IN_REVIEW, S.LEGAL_REVIEW, S.RIGHT_OF_REPLY, S.APPROVED, S.PUBLISHED)
WORDS = {
    S.DRAFT: "draft", S.IN_REVIEW: "in review", S.LEGAL_REVIEW: "in legal review",
    S.RIGHT_OF_REPLY: "with the counterparty", S.APPROVED: "approved", S.PUBLISHED: "published",
    S.ARCHIVED: "archived", S.WITHDRAWN: "withdrawn",
}  # fmt: skip


def party(front: Mapping[str, Any]) -> str:
    """The counterparty that the text names; empty when it names none."""
    return str((front.get("reply") or {}).get("party") or "").strip()


def legal_reasons(front: Mapping[str, Any]) -> list[str]:
    """Why a lawyer reads it first; empty when none has to."""
    found = []
    if front.get("kind") == "case_study" and front.get("outcome") == "negative":
        found.append("it is a case that went badly")
    if front.get("kind") == "benchmark" and _is_of_pay_or_leavers(front):
        found.append("it compares pay or attrition")
    if party(front):
        found.append(f"it names {party(front)}")
    return found


def _is_of_pay_or_leavers(front: Mapping[str, Any]) -> bool:
    metric = (front.get("benchmark") or {}).get("metric")
    words = [front.get("title"), metric, *(front.get("tags") or [])]
    return any(PAY_OR_LEAVERS.search(str(one).replace("_", " ")) for one in words if one)


def path(front: Mapping[str, Any]) -> list[S]:
    """All steps of this practice, in order."""
    legal = [S.LEGAL_REVIEW] if legal_reasons(front) else []
    reply = [S.RIGHT_OF_REPLY] if party(front) else []
    return [S.DRAFT, S.IN_REVIEW, *legal, *reply, S.APPROVED, S.PUBLISHED]


def next_step(status: S, front: Mapping[str, Any]) -> S | None:
    """The step after this one; none at the end of the way."""
    way = path(front)
    if status not in way:  # what it says changed under way: the first later step that it has
        later = FORWARD.index(status) if status in FORWARD else len(FORWARD)
        return next((one for one in FORWARD[later + 1 :] if one in way), None)
    place = way.index(status) + 1
    return way[place] if place < len(way) else None


def refuse_leap(status: S, new: S, front: Mapping[str, Any]) -> None:
    """Forward goes one step at a time. Raises `Refused` with the step that comes first."""
    due = next_step(status, front)
    if new not in FORWARD or due is None or new not in status.moves().get(status, set()):
        return  # another way round, or no move at all: the status refuses that itself
    if FORWARD.index(new) > FORWARD.index(due):
        why = f", because {' and '.join(legal_reasons(front))}" if legal_reasons(front) else ""
        raise Refused(f"Before that it is {WORDS[due]}{why}.")


def refuse_new_law(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """What is published cannot be made into something that a lawyer should have read first."""
    added = [one for one in legal_reasons(new) if one not in legal_reasons(old)]
    if added:
        raise Refused(
            f"So changed it would need legal review, because {' and '.join(added)}. "
            "Archive it, return it to draft and change it there."
        )
