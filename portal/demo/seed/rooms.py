"""Events with who goes there, committees, notes, follows and applications."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from portal.accounts.models import Person, RoleGrant
from portal.committees.models import Committee, CommitteeSeat, SeatRole
from portal.core import clock, working_days
from portal.core.access import Role
from portal.core.db import db
from portal.demo.seed.applicants import Applicant, apply
from portal.demo.seed.firms import STAFF, Step, World, at
from portal.demo.seed.programme import PLANNED, Planned
from portal.dues import actions as dues
from portal.dues.queries import balance
from portal.events import actions as events
from portal.events.actions import Attendee, Buyer
from portal.events.models import Audience, Event, EventFormat, EventKind
from portal.joining import actions as joining
from portal.legislation import actions as legislation
from portal.legislation.queries import Filters, listed
from portal.members.queries import firm_of
from portal.notices.actions import follow

COMMITTEES = (
    ("policy", "Policy committee", "Reads bills, asks members, and proposes positions on labor, tax and data."),
    ("membership", "Membership committee", "Watches that admission is fair, quick and the same for everybody."),
    ("library", "Library committee", "Reviews practices, and sees to it that failures are told."),
    ("transport", "Transport working group", "Brings figures to cities, and asks what became of their promises."),
)  # fmt: skip


def grant_roles(world: World) -> None:
    for account in STAFF:
        grant = RoleGrant(person=world.people[account], role=Role(account), granted_at=clock.now())
        db.session.add(grant)


def found_committees(world: World) -> None:
    """Seats of different firms and groups; the chair and the member of the demo on policy."""
    made = {}
    for slug, name, remit in COMMITTEES:
        made[slug] = Committee(slug=slug, name=name, remit=remit)
        db.session.add(made[slug])
    db.session.flush()
    _seat(world, made["policy"], world.people["chair"], SeatRole.CHAIR)
    _seat(world, made["policy"], world.people["committee"], SeatRole.MEMBER)
    firms = [name for name in world.firms if not name.startswith("Narra")]
    for number, committee in enumerate(made.values()):
        for name in firms[number * 6 + 5 : number * 6 + 9]:
            person = world.staff_of[name][0]
            if person not in world.people.values():
                _seat(world, committee, person, SeatRole.MEMBER)


def _seat(world: World, committee: Committee, person: Person, role: SeatRole) -> None:
    since = world.today - timedelta(days=400)
    db.session.add(
        CommitteeSeat(
            committee=committee, person=person, organization=firm_of(person), role=role,
            from_on=since,
        )
    )  # fmt: skip


def notes_and_follows(world: World) -> None:
    """A few notes that only the policy committee sees, and what the demo people follow."""
    policy = db.session.query(Committee).filter_by(slug="policy").one()
    labor = db.session.scalars(listed(Filters(topic="labor")).limit(6)).all()
    words = (
        "Onshore and offshore members will not agree. I would ask for a split position, with both reasons printed.",
        "The notice period is not what hurts; the public list is. Could we live with a list that has an appeal?",
        "Our site would fall under the threshold. I will not vote on this one.",
    )  # fmt: skip
    writers = (world.people["chair"], world.people["committee"], world.people["chair"])
    for measure, person, text in zip(labor, writers, words, strict=False):
        legislation.write_note(measure, policy, person, text)
    for account in ("manager", "person", "chair", "committee", "rival"):
        for measure in labor[: 2 + len(account) % 3]:
            follow(world.people[account].id, "measure", measure.id)


def event_steps(world: World) -> Iterator[Step]:
    """Each event is made, opened, filled and perhaps called off, some weeks before it begins."""
    for number, plan in enumerate(PLANNED):
        day = plan.first_day(world.today)
        made_on = min(day - timedelta(days=70), world.today - timedelta(days=8 + number))
        room = _Room(world, plan, number)
        yield at(made_on, 10), room.make
        filled = min(day - timedelta(days=20), world.today - timedelta(days=2))
        yield at(working_days.on_or_before(filled), 11), room.fill
        if plan.story == "cancelled":
            yield at(world.today - timedelta(days=1), 15), room.call_off


class _Room:
    """One planned event on its way."""

    def __init__(self, world: World, plan: Planned, number: int) -> None:
        self.world, self.plan, self.number = world, plan, number
        self.event: Event | None = None

    def make(self) -> None:
        plan, world = self.plan, self.world
        starts, ends = plan.times(world.today)
        is_online = plan.form == "online"
        points = "\n".join(f"- {point}" for point in plan.points.split(";"))
        self.event = events.make(
            {
                "title": f"{plan.title} {starts.year}" if "Annual" in plan.title else plan.title,
                "kind": EventKind(plan.kind), "summary": plan.summary,
                "body": f"## Programme\n\n{points}\n\nCome with a question; nobody sells here.",
                "audience": Audience.MEMBERS if plan.kind in {"site_visit", "newcomer_intro"} else Audience.PUBLIC,
                "format": EventFormat(plan.form), "venue": "" if is_online else plan.venue,
                "address": "" if is_online else f"{plan.venue}, {world.places[plan.place].name}",
                "place_id": world.places[plan.place].id,
                "join_url": "" if plan.form == "in_person" else f"https://meet.demo.example/{self.number + 100}",
                "seats": plan.seats, "member_minor": plan.member, "other_minor": plan.other,
                "cancel_days": 14, "times": (starts, ends, plan.zone, False),
            }
        )  # fmt: skip
        events.open_registration(self.event)

    def fill(self) -> None:
        """People of different firms, each for themselves; paid seats are paid at once by most."""
        pool = [one for staff in self.world.staff_of.values() for one in staff]
        start = (self.number * 17) % len(pool)
        chosen = (pool[start:] + pool[:start])[: self.plan.people]
        for person in chosen:
            if person in (self.world.people["manager"], self.world.people["rival"]):
                continue
            self._register(person)
        if self.plan.title.startswith("Night transport"):
            self._register(self.world.people["manager"])

    def _register(self, person: Person) -> None:
        from_firm = firm_of(person)
        bill = {} if from_firm else {"address": "7 Demonstration Lane\nUtrecht", "country": "NL"}
        buyer = Buyer(
            person.display_name, person.email, person=person, organization=from_firm, **bill
        )  # fmt: skip
        attendee = Attendee(person.display_name, person.email, "", person)
        assert self.event  # noqa: S101 - made in an earlier step
        order = events.register(self.event, buyer, [attendee], is_member=True)
        invoice = order.registrations[0].invoice
        if invoice and (self.plan.days < 0 or self.world.rng.random() < 0.85):
            today, signed = clock.now().date(), self.world.people["finance"]
            dues.record_transfer(invoice, balance(invoice), today, "demo", by=signed)

    def call_off(self) -> None:
        assert self.event  # noqa: S101 - made in an earlier step
        events.cancel_event(
            self.event, "The host has to move house that week. We look for another day."
        )


def application_steps(world: World) -> Iterator[Step]:
    """Three firms that ask to join: one being read, one just sent, one with our question."""
    told = (
        ("newcomer", "Althea Campbell", "newcomer@demo.example", "Blue Mahoe Care", "JM", 64, 6),
        ("sent", "Rohan Joshi", "rohan@gulmohar.example", "Gulmohar Support", "IN", 130, 2),
        ("asked", "Petra van Dijk", "petra@beukenlaan.example", "Beukenlaan Klantenservice", "NL", 22, 9),
    )  # fmt: skip
    for what, person, email, firm, country, people, days in told:
        in_jamaica = country == "JM"
        one = Applicant(
            person, email, firm, f"{country}-9{people}0", country, people,
            "1 Demonstration Lane\nKingston" if in_jamaica else "7 Demonstration Lane",
            "+18765550100" if in_jamaica else "+31205550100",
        )  # fmt: skip
        yield at(world.today - timedelta(days=days), 8), _applies(world, what, one)


def _applies(world: World, what: str, one: Applicant) -> Callable[[], None]:
    def act() -> None:
        made = apply(one)
        if what == "newcomer" and made.person:
            joining.take(made)
            made.person.password_hash = world.password
            made.person.email_verified_at = clock.now()
            world.people["newcomer"] = made.person
        if what == "asked":
            joining.ask(
                made, "Who owns the other half of the shares? The register names two holders."
            )

    return act
