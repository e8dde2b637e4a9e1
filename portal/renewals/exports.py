"""Who resigned, and when, as a table."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.core.access import Permission
from portal.exchange.exporting import EXPORTS
from portal.exchange.exporting_more import on
from portal.exchange.rows_out import FIRM_HEAD, Export, Row, firm_cells, outside_numbers, parts
from portal.members.models import Membership
from portal.renewals.models import Resignation


def resignations() -> Iterator[Row]:
    outside, held = outside_numbers("firm"), joinedload(Resignation.membership)
    query = select(Resignation).options(held.joinedload(Membership.organization))
    for part in parts(query.order_by(Resignation.id)):
        for one in part:
            yield (
                *firm_cells(one.membership.organization, outside), one.membership.kind.value,
                one.told_on, one.leaves_on, one.reason, on(one.withdrawn_at),
            )  # fmt: skip


EXPORTS["resignations"] = Export("Resignations", Permission.FIRMS_MANAGE, (
    *FIRM_HEAD, "class", "told on", "last day on", "reason", "taken back on",
), resignations)  # fmt: skip
