"""The demo association: founded once, reproducible from one seed, dated relative to today.

The founding plays the years through: every act happens through the portal's own actions, at its
own time, so that the books, the audit record and the waiting lists are what they would have become.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select, update

from portal.association.actions import found as found_association
from portal.association.models import Association
from portal.core import clock
from portal.core.bounces import note_bounce
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.mail import OutgoingMail
from portal.core.search import index
from portal.demo.seed import (
    applicants,
    cards,
    corrections,
    desk,
    firms,
    included,
    life,
    old_claims,
    old_lists,
    owners,
    payouts,
    prices,
    reading,
    rooms,
    rosters,
    surveys,
    voices,
)
from portal.demo.seed.bank import bank_statements
from portal.demo.seed.firms import World, at
from portal.demo.seed.names import FIRMS
from portal.legislation.actions import load_measures
from portal.library import files
from portal.places.actions import load_places
from portal.places.models import Place

CONTENT = Path(__file__).parents[3] / "content"
SEED = 20261122
Progress = Callable[[str, int, int | None], None]


def found(bar: Progress) -> bool:
    """Found the demo association in an empty portal; False when there is one. All or nothing."""
    if db.session.get(Association, 1):
        return False
    started_at = clock.now()
    world = World(random.Random(SEED), clock.today("Europe/Amsterdam"))  # noqa: S311 - invented people
    try:
        clock.start_at(at(date(world.today.year - 3, 1, 2)))
        _lay_the_ground(world)
        _play_the_years(world, bar)
    finally:
        clock.start_at(None)
        shift = started_at - clock.now()
        if abs(shift) > timedelta(seconds=600):
            clock.start_at(started_at)  # the demo's own PORTAL_NOW goes on
    files.sync(progress=bar)
    rooms.notes_and_follows(world)
    surveys.explain(world)
    reading.keep(world)
    voices.speak(world)
    desk.lay_out(world)
    owners.declarations(world)
    prices.draft_next(world)
    included.use_some(world)
    old_lists.bring_in(world)
    old_claims.leave_over(world)
    bank_statements(world)
    cards.messages()
    _let_one_address_bounce(world)
    _let_the_past_rest()
    db.session.commit()
    index.rebuild(lambda done, of: bar("search index", done, of))
    return True


def _lay_the_ground(world: World) -> None:
    found_association(
        name="Linehall", tagline="The firms that answer, speaking for themselves",
        address="Weavers’ Quay 12 (invented)\n1012 Amsterdam", country="NL", zone="Europe/Amsterdam",
        tax_id="NL000099998B57", bank_name="Demonstration Bank", iban="NL91ABNA0417164300",
        bic="ABNANL2A", currency="EUR", invoice_series="LH", credit_series="LC", due_days=30,
        decision_days=15, contact_name="Amara Lindqvist", contact_email="amara.lindqvist@demo.example",
        approval_above_minor=100000, is_demo=True,
    )  # fmt: skip
    load_places(CONTENT / "places.csv")
    load_measures(CONTENT / "measures.csv")
    world.places = {one.slug: one for one in db.session.scalars(select(Place))}
    firms.adopt_tariffs(world, prices.public_words)
    firms.make_firms(world)
    firms.make_people(world)
    db.session.flush()
    rooms.grant_roles(world)
    rooms.found_committees(world)


def _play_the_years(world: World, bar: Progress) -> None:
    steps = [
        *firms.membership_steps(world),
        *prices.declaration_steps(world),
        *prices.tax_steps(world),
        *rooms.event_steps(world),
        *rooms.application_steps(world),
        *applicants.first_payers(world),
        *rosters.roster_steps(world),
        *life.steps(world),
        *corrections.steps(world),
        *payouts.steps(world),
        *surveys.steps(world),
    ]
    steps.sort(key=lambda step: step[0])
    for number, (instant, act) in enumerate(steps, 1):
        clock.start_at(instant)
        act()
        db.session.flush()
        if number % 20 == 0 or number == len(steps):
            bar("years", number, len(steps))


def _let_one_address_bounce(world: World) -> None:
    """The address for invoices of a firm whose bookkeeper left."""
    firm = world.firms[FIRMS[-1].name]
    note_bounce(firm.billing_email, "550 5.1.1 no such user")


def _let_the_past_rest() -> None:
    """Nothing of the past is mailed now, and nothing of it waits."""
    unsent = update(OutgoingMail).where(OutgoingMail.sent_at.is_(None))
    db.session.execute(unsent.values(sent_at=OutgoingMail.queued_at))
    waiting = update(Job).where(Job.done_at.is_(None))
    db.session.execute(waiting.values(done_at=clock.now()))
