"""The firms, their groups and people, and their memberships year by year."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from portal.accounts.models import Person
from portal.accounts.passwords import hash_of
from portal.core import clock, working_days
from portal.core.db import db
from portal.core.money import Money
from portal.demo.running import PASSWORD
from portal.demo.seed.names import FAMILY, FIRMS, GIVEN, PAYERS, Firm
from portal.dues import actions as dues
from portal.dues.models import Invoice, InvoiceKind, PaymentMethod, Tariff
from portal.dues.pricing import quote
from portal.dues.queries import balance, current_tariff
from portal.dues.seat_prices import included_seats
from portal.joining.quoting import Facts, case_of, notes_for
from portal.members.actions import start_membership
from portal.members.models import (
    Affiliation,
    CorporateGroup,
    Decision,
    FirmRole,
    GroupMembership,
    Membership,
    Organization,
)
from portal.places.actions import folded
from portal.places.models import Place

Step = tuple[datetime, Callable[[], None]]
PEOPLE = 150
SETTLED = timedelta(days=45)  # since when the newest firm is here, at least
STAFF = {
    "admin": "Amara Lindqvist", "membership": "Saskia Postma", "finance": "Wim Dekker",
    "editor": "Noor Aydin", "keyholder": "Hester Vos", "events": "Bram Visser", "policy": "Ilse Hoekstra",
}  # fmt: skip
NAMED = {  # demo account -> firm, roles, name
    "manager": ("Narra Contact Services", "Marisol Tan-Reyes",
                ("roster_manager", "dues_contact", "delegate", "signatory")),
    "person": ("Narra Contact Services", "Paolo Lim", ("staff",)),
    "chair": ("Rowan Contact", "Fiona McAllister", ("delegate", "roster_manager")),
    "committee": ("Linden Klantcontact", "Joost Bakker", ("delegate", "dues_contact")),
    "rival": ("Marula Contact", "Thandi Mokoena", ("roster_manager", "dues_contact", "delegate")),
    "lapsed": ("Yellowwood Processing", "Sipho Naidoo", ("roster_manager", "dues_contact")),
}  # fmt: skip


@dataclass
class World:
    """What the steps of the founding share."""

    rng: random.Random
    today: date
    password: str = field(default_factory=lambda: hash_of(PASSWORD))
    places: dict[str, Place] = field(default_factory=dict)
    firms: dict[str, Organization] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)  # by demo account
    staff_of: dict[str, list[Person]] = field(default_factory=dict)  # by firm


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def adopt_tariffs(world: World, public: Callable[[int], dict[str, str]]) -> None:
    """One price book a year, each adopted by the general meeting before it began."""
    first = world.today.year - 3
    for year in range(first, world.today.year + (world.today.month >= 10) + 1):
        decision = Decision(
            body="general meeting", decided_on=working_days.on_or_after(date(year - 1, 9, 18)),
            title=f"Tariff {year} adopted",
            text="Adopted with the budget. The largest fee stays under the cap of the statutes.",
        )  # fmt: skip
        db.session.add(
            Tariff(
                code=str(year), currency="EUR", effective_from=date(year, 1, 1), decision=decision,
                explanation="Dues pay for the secretariat of five, the library, the record of "
                "bills, and two meetings a year. Nobody else pays for anything; last raised "
                f"in {year} by the change of prices.", book=_book(year - first) | {"public": public(year)},
            )
        )  # fmt: skip


def _book(step: int) -> dict[str, object]:
    def raised(minor: int) -> int:
        return minor + minor * 3 * step // 100 // 100 * 100

    limits = ((1, 25, 115000), (26, 50, 172500), (51, 125, 230000), (126, 250, 287500))
    bands = [[low, high, raised(minor)] for low, high, minor in limits]
    sized = ["provider_front", "provider_back", "facilities_transport", "recruiter", "technology",
             "training", "client"]  # fmt: skip
    flat = ["consultant", "academic", "public_body", "supporter", "individual"]
    return {
        "period": {"kind": "fixed", "start": "01-01"}, "proration": "days", "tax_percent": "0",
        "tax_text": "Outside the scope of VAT, as the treasurer decided", "lobbying_percent": "8",
        "rules": [
            {"kind": "bands", "classes": sized, "metric": "full_time_equivalents", "rounding": "half_up",
             "text": "Membership dues", "bands": [*bands, [251, None, raised(345000)]]},
            {"kind": "flat", "classes": flat, "text": "Membership dues", "amount": raised(48000)},
            {"kind": "flat", "classes": ["startup"], "text": "Membership dues", "amount": 40000},
            {"kind": "joining_fee", "classes": "*", "text": "Joining fee", "amount": 25000},
            {"kind": "seats", "classes": "*", "included": 5, "price": 9500},
            {"kind": "allowance", "classes": sized, "of": "event_passes", "granted": 4},
            {"kind": "allowance", "classes": sized, "of": "meeting_room_hours", "granted": 20},
            {"kind": "allowance", "classes": ["recruiter"], "of": "job_posts", "granted": 12},
        ],
    }  # fmt: skip


def make_firms(world: World) -> None:
    groups: dict[str, CorporateGroup] = {}
    for number, firm in enumerate(FIRMS, 1):
        made = Organization(
            name=firm.name, country=firm.country, place=world.places[firm.city],
            registration_no=f"{firm.country}-{48000 + number * 37}",
            tax_id=f"{firm.country}{700100 + number}", headcount=firm.headcount,
            address=f"{number * 3} Demonstration Street\n{world.places[firm.city].name}",
            website=f"https://{_domain(firm)}", billing_email=f"accounts@{_domain(firm)}",
            is_demo=True, created_at=clock.now(), paid_by=PAYERS.get(firm.name, {}),
        )  # fmt: skip
        name = firm.group or firm.name
        group = groups.setdefault(name, CorporateGroup(name=name))
        since = date(world.today.year - firm.since - 1, 1, 1)
        db.session.add_all([made, GroupMembership(organization=made, group=group, from_on=since)])
        world.firms[firm.name] = made
    db.session.flush()


def _domain(firm: Firm) -> str:
    return "-".join(folded(firm.name).replace(",", "").split()[:2]) + ".example"


def make_people(world: World) -> None:
    """150 in all: staff, the demo accounts and those of the firms."""
    for account, name in STAFF.items():
        world.people[account] = _person(world, f"{account}@demo.example", name)
    for account, (employer, name, roles) in NAMED.items():
        person = _person(world, f"{account}@demo.example", name)
        world.people[account] = person
        _join(world, employer, person, roles)
    left = PEOPLE - len(STAFF) - len(NAMED) - 3  # three more are applicants
    for number in range(left):
        firm = FIRMS[number % len(FIRMS)]
        given, family = (world.rng.choice(names[firm.country]) for names in (GIVEN, FAMILY))
        email = f"{folded(given)}.{folded(family)}{number}@{_domain(firm)}"
        person = _person(world, email, f"{given} {family}", password=False)
        is_first = not world.staff_of.get(firm.name)
        roles = ("roster_manager", "dues_contact", "delegate") if is_first else ("staff",)
        _join(world, firm.name, person, roles)


def _person(world: World, email: str, name: str, *, password: bool = True) -> Person:
    person = Person(
        email=email, display_name=name, created_at=clock.now(), email_verified_at=clock.now(),
        password_hash=world.password if password else None,
    )  # fmt: skip
    db.session.add(person)
    return person


def _join(world: World, firm: str, person: Person, roles: tuple[str, ...]) -> None:
    world.staff_of.setdefault(firm, []).append(person)
    place = world.firms[firm].place
    person.zone = place.timezone if place else None
    known = {FirmRole(role).value for role in roles}
    db.session.add(
        Affiliation(
            person=person, organization=world.firms[firm], roles=sorted(known), title="",
            from_on=clock.now().date(),
        )
    )  # fmt: skip


def membership_steps(world: World) -> Iterator[Step]:
    """Each firm's invoices, payments and terms, in the order of time when sorted."""
    this = world.today.year
    for firm in FIRMS:
        first = this - min(firm.since, 2)
        joined = date(first, world.rng.randint(1, 9), world.rng.randint(1, 27))
        if firm.since > 2:
            joined = date(first, 1, 1)
        if joined > world.today - SETTLED:  # early in a year nobody has joined in it yet
            first -= 1
            joined = joined.replace(year=first)
        last = this - 1 if firm.story == "lapsed" else this
        for year in range(first, last + 1):
            start = joined if year == first else date(year, 1, 1)
            yield from _year(world, firm, start, renews=year > first or firm.since > 2)
        if firm.story == "lapsed":
            yield at(date(this - 1, 11, 20)), _unpaid_renewal(world, firm, date(this, 1, 1))
        elif world.today >= date(this, 11, 12):
            yield from _renewal_ahead(world, firm, date(this + 1, 1, 1))


def _year(world: World, firm: Firm, start: date, *, renews: bool) -> Iterator[Step]:
    is_now = start.year == world.today.year
    issue = date(start.year - 1, 11, 15) if renews and start.day == start.month == 1 else start
    kind, _, days = firm.story.partition(":")
    due_days = 61 if issue < start else 30
    if is_now and kind == "arrears":
        issue = world.today - timedelta(days=int(days) + 30)
        due_days = 30
    claim = _Claim(world, firm, start, renews, due_days)
    yield at(issue), claim.issue
    yield at(start, 6) if start >= issue else at(issue, 10), claim.begin_term
    if is_now and kind == "arrears":
        return
    paid = issue + timedelta(days=world.rng.randint(3, due_days - 2))
    paid = max(issue, working_days.on_or_before(min(paid, world.today)))
    if is_now and kind == "credited":
        yield at(paid, 11), claim.credit_and_issue_again
    yield at(paid, 12), claim.pay


@dataclass
class _Claim:
    """One year's dues of one firm."""

    world: World
    firm: Firm
    start: date
    renews: bool
    due_days: int
    invoice: Invoice | None = None

    def issue(self) -> None:
        self.invoice = issue_dues(self.world, self.firm, self.start, self.renews, self.due_days)

    def begin_term(self) -> None:
        firm = self.world.firms[self.firm.name]
        end = date(self.start.year, 12, 31)
        tariff = current_tariff(self.start)
        counted = included_seats(tariff.whole_book, self.firm.kind.value) if tariff else None
        snapshot = {
            "metrics": self.firm.numbers(tariff.book) if tariff else {},
            "invoice": self.invoice.number if self.invoice else "", "seats": counted,
        }  # fmt: skip
        start_membership(firm, self.firm.kind, self.start, end, snapshot)

    def pay(self) -> None:
        assert self.invoice  # noqa: S101 - issued in an earlier step
        owed = balance(self.invoice)
        is_this_year = self.start.year == self.world.today.year
        if is_this_year and self.firm.story == "part":
            owed = Money(owed.minor // 2, owed.currency)
        if is_this_year and self.firm.story == "over":
            owed = Money(owed.minor + 15000, owed.currency)
        is_card = self.world.rng.random() < 0.35
        method = PaymentMethod.CARD if is_card else PaymentMethod.BANK
        signed = self.world.people["finance"]
        dues.record_transfer(self.invoice, owed, clock.now().date(), "demo", method, signed)

    def credit_and_issue_again(self) -> None:
        assert self.invoice  # noqa: S101 - issued in an earlier step
        dues.credit(self.invoice, "The number of people was corrected")
        self.issue()


def _unpaid_renewal(world: World, firm: Firm, start: date) -> Callable[[], None]:
    """The lapsed: invoiced, never paid; all but one were credited when the term ran out."""

    def issue() -> None:
        invoice = issue_dues(world, firm, start, renews=True, due_days=61)
        if firm.name != NAMED["lapsed"][0]:
            dues.credit(invoice, "The membership was not renewed")

    return issue


def _renewal_ahead(world: World, firm: Firm, start: date) -> Iterator[Step]:
    """Next year's dues, invoiced in November; half of the firms have paid already."""
    claim = _Claim(world, firm, start, renews=True, due_days=65)
    yield at(date(start.year - 1, 11, 10)), claim.issue
    if firm.name != NAMED["manager"][0] and not firm.story and world.rng.random() < 0.45:
        day = working_days.on_or_before(date(start.year - 1, 11, 12))
        yield at(day, 12), claim.pay
        yield at(day, 13), claim.begin_term


def issue_dues(world: World, firm: Firm, start: date, renews: bool, due_days: int) -> Invoice:  # noqa: FBT001
    organization = world.firms[firm.name]
    tariff = current_tariff(start)
    assert tariff  # noqa: S101 - adopted in the first step
    facts = Facts(firm.kind, organization.country, firm.numbers(tariff.book))
    found = quote(tariff.whole_book, case_of(tariff, facts, start) | {"renews": renews})
    held = db.session.scalar(select(Membership.id).filter_by(organization_id=organization.id))
    return dues.issue_invoice(
        kind=InvoiceKind.DUES, organization=organization, currency=found.currency,
        **dues.billed(organization),
        lines=dues.drafts_of(found, held), tax_percent="0", tax_text=tariff.book["tax_text"],
        due_on=clock.now().date() + timedelta(days=due_days),
        notes=notes_for(found, firm.kind, tariff, clock.now().date()),
    )  # fmt: skip
