"""The register of decisions, and what a decision changes of a class. The caller commits."""

from datetime import date
from typing import Any

from portal.core import audit
from portal.core.db import db
from portal.members.models import Decision, MembershipClass, MembershipType
from portal.members.queries import type_of


def decide(body: str, decided_on: date, title: str, words: str) -> Decision:
    """Enter a decision into the register."""
    made = Decision(body=body, decided_on=decided_on, title=title, text=words)
    db.session.add(made)
    db.session.flush()
    audit.record("decision.entered", made, body=body, decided_on=decided_on, title=title)
    return made


def change_type(kind: MembershipClass, decision: Decision, **facts: Any) -> MembershipType:
    """Let a class work otherwise, by a decision; what terms have already stays with them."""
    found = type_of(kind)
    before = {name: getattr(found, name) for name in facts}
    for name, value in facts.items():
        setattr(found, name, value)
    found.decision = decision
    db.session.add(found)
    db.session.flush()
    db.session.info.pop("policies", None)
    audit.record("membershiptype.changed", found, kind=kind, before=before, after=facts,
                 decision=decision.title)  # fmt: skip
    return found
