"""What happened between two states of a bill, told once, in the order in which a reader cares."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from portal.legislation.bills import Action, Bill

One = TypeVar("One")

# Followers are told of these unless they ask for less; the others stay in the record.
NEWS = frozenset({
    "created", "stage_changed", "title_changed", "vote_added", "text_version_added",
    "text_replaced", "law_number_added", "hearing_added", "hearing_changed", "hearing_cancelled",
    "deadline_added", "deadline_extended", "deadline_moved_earlier", "manual_override",
    "noted",
})  # fmt: skip
WORDS = {
    "created": "Taken in", "stage_changed": "New stage", "status_text_changed": "New status",
    "action_added": "Action", "action_removed": "No longer listed", "title_changed": "New title",
    "text_version_added": "New version of the text", "text_replaced": "Text replaced",
    "sponsor_added": "Sponsor", "sponsor_withdrawn": "Sponsor withdrawn", "vote_added": "Vote",
    "relation_added": "Related bill", "law_number_added": "Number of the law",
    "manual_override": "Corrected by a person", "noted": "Noted",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that happened; `on` is its day when the source tells one."""

    kind: str
    text: str
    on: str = ""

    @property
    def is_news(self) -> bool:
        return self.kind in NEWS


def changes(before: Bill, after: Bill) -> list[Change]:
    """By content: another order, other blanks or a touched time stamp are nothing."""
    found: list[Change] = []
    if _words(before.title) != _words(after.title):
        found.append(Change("title_changed", f"“{after.title}”, before “{before.title}”"))
    if after.law and after.law != before.law:
        found.append(Change("law_number_added", after.law))
    found += _texts(before, after)
    for vote in _added(before.votes, after.votes, lambda one: one.key or one.motion):
        found.append(Change("vote_added", f"{vote.motion}: {_result(vote.result)}", vote.on))
    for action in _added(before.actions, after.actions, _action):
        found.append(Change("action_added", action.text, action.on))
    for action in _added(after.actions, before.actions, _action):
        found.append(Change("action_removed", action.text, action.on))
    found += _sponsors(before, after)
    for one in _added(before.related, after.related, lambda one: one):
        words = f"{one.identifier} ({one.relation.replace('_', ' ')})"
        found.append(Change("relation_added", words))
    if after.status != before.status:
        found.append(Change("status_text_changed", after.status, after.status_on))
    return found


def _words(text: str) -> str:
    return " ".join(text.split())


def _result(result: str) -> str:
    return {"pass": "passed", "fail": "failed", "": "no result stated"}.get(result, result)


def _action(one: Action) -> tuple[str, str, str]:
    return one.on, _words(one.text), one.body


def _added(before: Sequence[One], after: Sequence[One], key: Callable[[One], Any]) -> list[One]:
    """Those of `after` that `before` does not have, each as often as it is more."""
    left = Counter(map(key, before))
    found = []
    for one in after:
        if left[key(one)] > 0:
            left[key(one)] -= 1
        else:
            found.append(one)
    return found


def _texts(before: Bill, after: Bill) -> list[Change]:
    known = {(one.name, one.on): one for one in before.versions}
    found = []
    for one in after.versions:
        was = known.get((one.name, one.on))
        if was is None:
            found.append(Change("text_version_added", one.name, one.on))
        elif (one.digest or _words(one.text)) != (was.digest or _words(was.text)):
            found.append(Change("text_replaced", one.name, one.on))
    return found


def _sponsors(before: Bill, after: Bill) -> list[Change]:
    known = {one.key or one.name: one for one in before.sponsors}
    found = []
    for one in after.sponsors:
        was = known.get(one.key or one.name)
        if was is None and not one.withdrawn_on:
            found.append(Change("sponsor_added", one.name, one.joined_on))
        elif one.withdrawn_on and was is not None and not was.withdrawn_on:
            found.append(Change("sponsor_withdrawn", one.name, one.withdrawn_on))
        elif was is not None and was.withdrawn_on and not one.withdrawn_on:
            found.append(Change("sponsor_added", f"{one.name}, again", one.joined_on))
    names = {one.key or one.name for one in after.sponsors}
    for name, was in known.items():
        if name not in names and not was.withdrawn_on:
            found.append(Change("sponsor_withdrawn", was.name))
    return found
