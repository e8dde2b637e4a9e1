"""Fifty-two nights, one after the other: each does what the calendar said, and nothing else."""

from datetime import date, timedelta

from portal.core.db import db
from portal.dues.models import Invoice
from portal.dues.queries import balance
from portal.members import queries as members
from portal.members.endings import Laying, lay, suspend
from portal.members.jobs import ask_for_attestation
from portal.members.models import (
    Attestation,
    FirmRole,
    Membership,
    MembershipClass,
    Overlay,
    OverlayKind,
    Vacancy,
)
from portal.members.standing import Standing, firm_state
from portal.notices.models import Notice
from portal.renewals import actions, queries
from portal.renewals.jobs import look_after_memberships
from portal.renewals.ladders import SHIPPED
from portal.renewals.models import Renewal
from tests.dues.books import make_invoice
from tests.make import make_contact, save
from tests.renewals.making import adopt, fail_card, fte, issue, make_life, pay

DAY = date(2026, 10, 1)
DAYS = [DAY + timedelta(days=n) for n in range(52)]
SUBJECTS = {step.code: step.subject for step in SHIPPED.steps}
K = MembershipClass
LIVES = (
    (K.PROVIDER_FRONT, "Asked in time", date(2026, 12, 31)),
    (K.PROVIDER_FRONT, "Unpaid", date(2026, 10, 20)), (K.STARTUP, "Restarts", date(2026, 10, 10)),
    (K.PUBLIC_BODY, "Goes on", date(2026, 11, 12)),
    (K.PROVIDER_FRONT, "Shrinks", date(2026, 10, 31)),
    (K.TECHNOLOGY, "Leaves", date(2026, 11, 15)), (K.CLIENT, "Paused", date(2027, 8, 31)),
)  # fmt: skip


def make_a_hall(at):
    """Firms at every point of their lives; the night of the last day of September is over."""
    at(2026, 9, 1, 9)
    tariff = adopt(period={"kind": "anniversary", "months": 12})
    lives = {
        name: make_life(kind, tariff=tariff, name=name, start=end - timedelta(days=364), end=end)
        for kind, name, end in LIVES
    }  # fmt: skip
    unpaid = issue(lives["Unpaid"])
    issue(lives["Restarts"])
    actions.change(lives["Shrinks"], fte(20), "Fewer of us", None)
    pay(issue(lives["Shrinks"]))
    leaving = lives["Leaves"]
    actions.resign(leaving.membership, DAY, "Enough", None, leaving.end_on)
    promised = stop_some(lives["Paused"].membership)
    at(2026, 9, 30, 9)
    for invoice in (unpaid, promised):
        fail_card(invoice)
    night()


def stop_some(membership):
    """What ends in October and November of a firm that is left alone until then."""
    firm, since = membership.organization, date(2026, 9, 1)
    promised = Laying(OverlayKind.PAUSE, "A promise", since, date(2026, 11, 10))
    invoice = make_invoice(firm, due_in=19)
    lay("invoice", invoice.id, promised)
    suspend(membership, Laying(OverlayKind.SUSPENSION, "No", since, DAY, "vote"), "board")
    held = make_contact(firm, "alternate", display_name="Iris").id
    of_iris = Attestation.affiliation.has(person_id=held)
    db.session.query(Attestation).filter(of_iris).one().on = date(2025, 10, 5)
    vacancy = {"role": FirmRole.DELEGATE, "why": "The delegate left", "opened_on": since}
    save(Vacancy(organization=firm, due_on=date(2026, 10, 12), **vacancy))
    return invoice


def night():
    look_after_memberships()
    ask_for_attestation()


ASKED = {
    "0": "Iris is asked to confirm a role", "14": "Iris is asked once more",
    "28": "Iris is asked once more", "42": "The role of Iris counts as not confirmed",
}  # fmt: skip


# Last days: what is done on the next is that they are past.
AFTER = {
    "Last day of membership": (1, "Membership is over"),
    "Last day to name a new delegate": (1, "The deadline is missed"),
}


def foretold():
    """What the calendar says on the first day: day, firm, and what."""
    for one in queries.foreseen(DAY):
        later, what = AFTER.get(one.what, (0, one.what.partition(":")[0]))
        what = "The pause is over" if "pause of" in what else what
        yield one.on + timedelta(days=later), one.firm, what


def done():
    """What the nights did, from what they left behind."""
    yield from letters()
    for one in db.session.query(Renewal):
        firm = one.term.membership.organization.name
        yield one.opened_at.date(), firm, "Renewal opens"
        if one.invoice:
            yield one.invoice.issued_on, firm, "Renewal invoice goes out"
    for one in db.session.query(Overlay):
        of = " of vote" if one.scope else ""
        yield one.until_on + timedelta(days=1), "Paused", f"The {one.kind}{of} is over"
    for one in db.session.scalars(members.missed_vacancies()):
        yield one.due_on + timedelta(days=1), one.organization.name, "The deadline is missed"


def letters():
    firms = {f"invoice:{one.id}": one.organization.name for one in db.session.query(Invoice)}
    for one in db.session.query(Notice):
        kind, _subject, *rest = one.key.split(":")
        if kind == "dunning":
            yield one.at.date(), firms[one.subject], SUBJECTS[rest[-1]]
        elif kind == "attest":
            yield one.at.date(), "Paused", ASKED[rest[-1]]


STANDINGS = {Standing.GRACE: "Grace begins", Standing.LAPSED: "Membership lapses"}


def lived():
    """How each membership stood on each day, where that is another way than the day before."""
    for one in db.session.query(Membership):
        firm, dates = one.organization.name, [term.dates() for term in one.terms]
        if one.ended_on:
            yield one.ended_on + timedelta(days=1), firm, "Membership is over"
            continue
        for day in DAYS:
            was, now = (firm_state(dates, on).standing for on in (day - timedelta(days=1), day))
            if now is not was:
                yield day, firm, STANDINGS[now]
        for term in one.terms[1:]:
            yield from ((term.start_on, firm, what) for what in began(term))


def began(term):
    if int(term.price_snapshot["metrics"].get("contact_centre_fte", 40)) < 40:
        yield "With the next term"
    if balance(db.session.query(Invoice).filter_by(number=term.price_snapshot["invoice"]).one()):
        yield "Next term begins, not paid yet"


def test_every_night_does_what_the_calendar_foretold_and_nothing_else(at):
    make_a_hall(at)
    at(DAY.year, DAY.month, DAY.day, 3)
    plan = {one for one in foretold() if one[0] in DAYS}
    assert len({what for _day, _firm, what in plan}) >= 20
    for day in DAYS:
        at(day.year, day.month, day.day, 9)
        night()
    assert sorted(one for one in {*done(), *lived()} if one[0] in DAYS) == sorted(plan)
