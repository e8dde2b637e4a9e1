"""How each class of membership works, and the register of decisions."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.members.models import AccessTable, Decision, MembershipClass, MembershipType
from portal.members.policy import Policy


def type_of(kind: MembershipClass) -> MembershipType:
    """How a class works: as a decision made it, else by these defaults, unsaved."""
    query = select(MembershipType).where(MembershipType.kind == kind)
    return db.session.scalars(query).one_or_none() or MembershipType.by_default(kind)


def types() -> dict[MembershipClass, MembershipType]:
    """Every class in the order of the vocabulary, in one statement."""
    query = select(MembershipType).options(joinedload(MembershipType.decision))
    decided = {one.kind: one for one in db.session.scalars(query)}
    return {kind: decided.get(kind) or MembershipType.by_default(kind) for kind in MembershipClass}


def policy_of(kind: MembershipClass) -> Policy:
    """Read once a session for all classes; a decision that changes one is heard at once."""
    known = db.session.info.get("policies") or policies()
    db.session.info["policies"] = known
    return known[kind]


def policies() -> dict[MembershipClass, Policy]:
    """Of every class, in one statement."""
    return {kind: one.policy for kind, one in types().items()}


def register() -> dict[int, str]:
    """The latest decisions in words, the newest first."""
    query = select(Decision).where(Decision.body != "membership officer")
    rows = db.session.scalars(
        query.order_by(Decision.decided_on.desc(), Decision.id.desc()).limit(50)
    )
    return {one.id: f"{one.decided_on}, {one.body}: {one.title}" for one in rows}


def access_tables() -> Select[AccessTable]:
    """Every adopted one with its decision, the latest first."""
    query = select(AccessTable).options(joinedload(AccessTable.decision))
    return query.order_by(AccessTable.effective_from.desc())
