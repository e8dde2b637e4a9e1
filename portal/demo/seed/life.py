"""What became of memberships after their first term: asked, reminded, changed, left, suspended."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from portal.association.queries import today
from portal.core import working_days
from portal.core.db import db
from portal.core.states import Refused
from portal.demo.seed.firms import NAMED, Step, World, at
from portal.demo.seed.names import FIRMS
from portal.dues.models import Invoice
from portal.dues.periods import NotQuotable
from portal.members.actions import decide as decide_by
from portal.members.actions import start_membership
from portal.members.endings import Laying, suspend
from portal.members.models import Membership, OverlayKind, Term
from portal.members.standing import firm_state
from portal.renewals import actions, queries
from portal.renewals.ladders import SHIPPED

RETURNING = "returning@demo.example"  # manages a firm that lapsed a month ago


def steps(world: World) -> Iterator[Step]:
    """Reminders month by month; then, today, what the year's end brings."""
    decided = working_days.on_or_after(world.today - timedelta(days=366))
    yield at(decided, 13), adopt_reminders
    for months in range(12, 0, -1):
        yield at(world.today - timedelta(days=30 * months), 5), remind
    opens = date(world.today.year, 10, 3)
    if world.today >= opens:
        yield at(opens, 5), open_windows
    yield at(world.today, 3), lambda: lapse_a_firm(world)
    yield at(world.today, 13), lambda: change_sizes(world)
    yield at(world.today, 14), lambda: decide(world)
    yield at(world.today, 15), catch_up


def adopt_reminders() -> None:
    """The board takes over the steps that the portal came with, as its own."""
    words = "Reminders by mail for two months; then the treasurer decides, then the members."
    decision = decide_by("board", today(), "How we remind of unpaid dues", words)
    actions.adopt_ladders(SHIPPED.steps, today() + timedelta(days=1), decision)


def remind() -> None:
    for invoice in db.session.scalars(queries.to_remind(today())).all():
        actions.remind(invoice)


def open_windows() -> None:
    for term in db.session.scalars(queries.ending(today())).all():
        if term.end_on >= today():
            actions.open_window(term)


def catch_up() -> None:
    """All that the nightly pass would find due today."""
    for act in list(actions.due_on(today())):
        try:
            act()
        except (NotQuotable, Refused):
            continue


def _steady(world: World) -> list[Membership]:
    """Firms of many years with nothing special about them, that have not paid the next term."""
    names = [one.name for one in FIRMS if one.since > 2 and not one.story]
    named = {employer for employer, _name, _roles in NAMED.values()}
    found = []
    for name in names:
        term = queries.last_term_of(world.firms[name].id)
        is_running = term is not None and term.start_on <= world.today <= term.end_on
        if term and is_running and name not in named:
            found.append(term.membership)
    return found


def change_sizes(world: World) -> None:
    """One firm grew and is charged for it, one shrank, one asked for a seat, one resigned."""
    grew, shrank, told, leaves = _steady(world)[:4]
    _change(grew, 3)
    _change(shrank, 2, divided=True)
    renewal = queries.renewal_of(_term(told))
    if renewal and not renewal.invoice_id:
        actions.choose(renewal, 6, None)
    notice = min(world.today, date(world.today.year, 8, 25))
    actions.resign(leaves, notice, "The centre was sold; the buyer is a member already.", None)


def _term(membership: Membership) -> Term:
    found = queries.last_term_of(membership.organization_id)
    assert found  # noqa: S101 - it was chosen for having one
    return found


def _change(membership: Membership, factor: int, *, divided: bool = False) -> None:
    metrics = {}
    for name, value in actions.numbers_now(_term(membership)).items():
        now = int(value or 50)
        metrics[name] = str(max(1, now // factor) if divided else now * factor)
    actions.change(_term(membership), metrics, "Told by the firm", None)


def decide(world: World) -> None:
    """The oldest debt of a member: the board decided. The next one promised to pay."""
    late = db.session.scalars(queries.overdue(today(), 60)).all()
    members = [one for one in late if _is_live(one)]
    for invoice in members[:1]:
        _suspend(invoice)
    for invoice in members[1:2]:
        until = today() + timedelta(days=40)
        laying = Laying(
            OverlayKind.PAUSE, "Promised to pay when its own client has paid.", today(), until
        )
        actions.stop_reminding(invoice, laying)


def _is_live(invoice: Invoice) -> bool:
    held = queries.memberships_of([invoice.organization_id or 0])
    return any(
        firm_state([term.dates() for term in one.terms], today()).is_live for one in held[:1]
    )


def _suspend(invoice: Invoice) -> None:
    held = queries.memberships_of([invoice.organization_id or 0])
    reason = f"Arrears: invoice {invoice.number}, after three reminders"
    for membership in held[:1]:
        laying = Laying(OverlayKind.SUSPENSION, reason, today(), scope="vote")
        suspend(membership, laying, "board")


def lapse_a_firm(world: World) -> None:
    """One firm paid for a part of this year, and lapsed a month ago: it can come back."""
    lapsed = [one for one in FIRMS if one.story == "lapsed" and one.name != NAMED["lapsed"][0]]
    firm, end = lapsed[0], world.today - timedelta(days=60)
    manager = world.staff_of[firm.name][0]
    manager.email, manager.password_hash = RETURNING, world.password
    made = world.firms[firm.name]
    old = db.session.scalar(select(Membership).where(Membership.organization_id == made.id))
    if old and end > date(world.today.year, 1, 1):
        start_membership(
            made, old.kind, date(world.today.year, 1, 1), end,
            {"headcount": firm.headcount},
        )  # fmt: skip
