"""Access tables: the variants of the domain (4), and adopting one."""

from dataclasses import replace
from datetime import date, timedelta

from portal.core.db import db
from portal.members.access_table import SHIPPED, Counted, Taking, in_order
from portal.members.actions.access import adopt_access
from portal.members.models import AccessTable, Decision
from portal.members.policy import Feature
from tests.make import business_day, save

F = Feature
ALL = frozenset({F.FULL, F.LISTED, F.MEMBER_PRICE, F.VOTE})
SHUT = SHIPPED.takings[-1]

# Benefits on invoice, withdrawn after 45 unpaid days (Sustainable Purchasing Leadership Council).
ON_INVOICE = replace(SHIPPED, takings=(Taking(Counted.INVOICED, ALL, 45),))
# Absolute dates: suspended 31 March, lapsed 30 June (IBPC); the second also ends the listing.
BY_CALENDAR = replace(SHIPPED, takings=(
    Taking(Counted.YEARLY, ALL - {F.LISTED}, each_year="03-31"),
    Taking(Counted.YEARLY, ALL, each_year="06-30"),
))  # fmt: skip
# A suspension that is proposed to the general meeting at day 90 (KSF).
PROPOSED = replace(SHIPPED, takings=(Taking(Counted.DUE, ALL, 90, body="general meeting"),))
VARIANTS = {
    "shipped": SHIPPED, "on invoice": ON_INVOICE, "by calendar": BY_CALENDAR,
    "proposed": PROPOSED,
}  # fmt: skip


def make_decision(title="Access", on=date(2026, 11, 2)):
    return save(Decision(body="board", decided_on=on, title=title, text="So."))


def adopt_table(table, begins):
    """Adopted, and it holds from that day on; the clock must be before it."""
    made = adopt_access(replace(table, begins=begins), make_decision(on=begins - timedelta(60)))
    db.session.commit()
    return made


def hold(table):
    """It holds today already, as one that was adopted long ago."""
    return save(AccessTable(
        effective_from=business_day() - timedelta(30), in_force=in_order(table.in_force),
        grace=in_order(table.grace), takings=[one.row() for one in table.takings],
        own_data_days=table.own_data_days, decision=make_decision(),
    ))  # fmt: skip
