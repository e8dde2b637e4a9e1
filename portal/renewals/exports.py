"""Who resigned or was expelled, and when, as a table."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.core.access import Permission
from portal.core.db import db
from portal.exchange.exporting import EXPORTS
from portal.exchange.exporting_more import on
from portal.exchange.rows_out import FIRM_HEAD, Export, Row, firm_cells, outside_numbers, parts
from portal.members.models import Membership
from portal.renewals.models import Resignation


def resignations() -> Iterator[Row]:
    outside, held = outside_numbers("firm"), joinedload(Resignation.membership)
    query = select(Resignation).options(held.joinedload(Membership.organization))
    query = query.options(joinedload(Resignation.decision))
    made = select(Resignation.membership_id, Resignation.made_at)
    made = made.where(Resignation.decision_id.is_not(None))
    decided = {(membership_id, at) for membership_id, at in db.session.execute(made)}
    for part in parts(query.order_by(Resignation.id)):
        for one in part:
            yield (
                *firm_cells(one.membership.organization, outside), one.membership.kind.value,
                one.told_on, one.leaves_on, one.reason,
                "" if _is_replaced(one, decided) else on(one.withdrawn_at),
                "expelled" if one.decision else "resigned",
                one.decision.title if one.decision else "", one.heard_words,
            )  # fmt: skip


def _is_replaced(one: Resignation, decided: set[tuple[int, datetime]]) -> bool:
    """A decision came in its place: it was not taken back."""
    at = one.withdrawn_at
    return one.decision_id is None and at is not None and (one.membership_id, at) in decided


EXPORTS["resignations"] = Export("Resignations and expulsions", Permission.FIRMS_MANAGE, (
    *FIRM_HEAD, "class", "told on", "last day on", "reason", "taken back on", "how",
    "decision", "heard",
), resignations)  # fmt: skip
