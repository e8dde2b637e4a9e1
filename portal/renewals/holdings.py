"""What a person told and decided for a firm: sizes, changes, resignations; and all of a firm."""

from typing import Any

from sqlalchemy import select

from portal.accounts.holdings import HOLDINGS, Holding, Rows, plain
from portal.accounts.models import Person
from portal.core.db import db
from portal.core.merging import ids_of
from portal.dues import firm_bundle
from portal.members.models import Membership, Term
from portal.renewals.models import Renewal, Resignation, TermChange

FACTS: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
    (Renewal, Renewal.told_by, ("term_id", "seats", "gift_minor", "told_at")),
    (TermChange, TermChange.made_by, ("term_id", "on", "metrics", "seats", "reason", "made_at")),
    (
        Resignation,
        Resignation.made_by,
        ("membership_id", "told_on", "leaves_on", "reason", "decision_id", "heard"),
    ),
)


def _rows(person: Person) -> Rows:
    numbers = ids_of(Person, person.id)
    return [
        {"what": model.__tablename__} | plain(one, *names)
        for model, by, names in FACTS
        for one in db.session.scalars(select(model).where(by.in_(numbers)).order_by(model.id))
    ]


def _of_firm(numbers: set[int]) -> Rows:
    """Changes inside a term, resignations, and that it was expelled."""
    mine = Membership.organization_id.in_(numbers)
    changes = select(TermChange).join(Term, Term.id == TermChange.term_id)
    changes = changes.join(Membership, Membership.id == Term.membership_id).where(mine)
    for one in db.session.scalars(changes.order_by(TermChange.id)):
        yield {"what": "change", **plain(one, "on", "metrics", "seats", "reason", "made_at")}
    left = select(Resignation).join(Membership, Membership.id == Resignation.membership_id)
    for each in db.session.scalars(left.where(mine).order_by(Resignation.id)):
        names: tuple[str, ...] = ("told_on", "leaves_on", "reason", "withdrawn_at")
        if each.decision is None:
            yield {"what": "resignation", **plain(each, *names)}
        else:
            decided = {"decision": each.decision.title, "by": each.decision.body}
            yield {"what": "expulsion", **plain(each, *names, "heard"), **decided}


firm_bundle.more["changes"] = _of_firm
HOLDINGS.append(
    Holding(
        "renewals", "What you told for a firm’s membership: its seats, changes, that it leaves",
        "To price the next term, and to know who may be asked", "You",
        "People of the firm, and membership officers",
        "Ten years, without your name: dues were reckoned by it", _rows,
    )
)  # fmt: skip
