"""What firms and staff do on a day of the year: pay well, badly or not at all; apply; ask back."""

import random
from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from portal.accounts.models import Person, RoleGrant
from portal.association.queries import today
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.demo.year import faults
from portal.demo.year.figures import Year
from portal.dues import actions as dues
from portal.dues import cards
from portal.dues.models import Invoice
from portal.dues.queries import balance, invoices
from portal.joining import actions as joining
from portal.joining.models import Application, ApplicationStatus
from portal.members.models import MembershipClass

TOWNS = ("Kingston", "Cebu", "Pune", "Durban", "Cali", "Utrecht", "Leeds")
COUNTRIES = ("JM", "PH", "IN", "ZA", "CO", "NL", "GB")
Habit = Callable[[Invoice, random.Random, faults.Surroundings], str]


def morning(day: date, rng: random.Random, world: faults.Surroundings, year: Year) -> None:
    """Firms apply, staff decide; whatever is refused is noted, nothing stops the year."""
    world.trouble()
    if day.day in {4, 19}:
        _apply(day, rng, year)
    elif day.day % 3 == 0:
        _review(year)


def afternoon(day: date, rng: random.Random, world: faults.Surroundings, year: Year) -> None:
    """Firms pay, each in its way."""
    world.trouble()
    _pay_bills(day, rng, world, year)


def _pay_bills(
    day: date, rng: random.Random, world: faults.Surroundings, year: Year
) -> None:  # fmt: skip
    for invoice_id in db.session.scalars(
        invoices(state="open").with_only_columns(Invoice.id).order_by(None)
    ).all():
        invoice = db.session.get_one(Invoice, invoice_id)
        habit = habit_of(invoice, day)
        if habit is None:
            continue
        try:
            year.count(habit(invoice, rng, world))
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            year.count(f"refused: {type(refusal).__name__}")


def habit_of(invoice: Invoice, day: date) -> Habit | None:
    """What a payer does with this invoice today: each has a temper, and days on which it shows."""
    temper = random.Random(invoice.organization_id or invoice.id).random()  # noqa: S311
    since, late = (day - invoice.issued_on).days, (day - invoice.due_on).days
    tempers: tuple[tuple[float, bool, Habit], ...] = (
        (0.30, since >= 6, by_card),
        (0.65, since >= 20, by_transfer),
        (0.75, late >= 12, by_card),
        (0.83, since >= 9, in_two_parts),
        (0.89, since >= 14, by_a_bad_card),
        (0.94, since >= 25, too_much),
        (0.97, late >= 70, by_transfer),
    )
    for limit, is_time, habit in tempers:
        if temper < limit:
            return habit if is_time else None
    return None  # never pays


def by_card(invoice: Invoice, rng: random.Random, world: faults.Surroundings) -> str:
    asks = rng.random() < 0.2
    world.sandbox.pay(_card_page(invoice), faults.ASKS if asks else faults.PAYS)
    return "paid by card, the bank asked" if asks else "paid by card"


def by_a_bad_card(invoice: Invoice, rng: random.Random, world: faults.Surroundings) -> str:
    """Declined first; on another day the same firm tries a better card."""
    if rng.random() < 0.6:
        world.sandbox.pay(_card_page(invoice), faults.DECLINES)
        return "declined card"
    return by_card(invoice, rng, world)


def _card_page(invoice: Invoice) -> str:
    invoice_id = invoice.id
    db.session.commit()
    return cards.start(invoice_id, f"/invoices/{invoice_id}")


def by_transfer(invoice: Invoice, _rng: random.Random, _world: faults.Surroundings) -> str:
    _book(invoice, balance(invoice))
    return "paid by transfer"


def in_two_parts(invoice: Invoice, rng: random.Random, world: faults.Surroundings) -> str:
    """Half by transfer, then the rest by card."""
    owed = balance(invoice)
    if owed == invoice.total:
        _book(invoice, Money(owed.minor // 2, owed.currency))
        return "half paid by transfer"
    return by_card(invoice, rng, world)


def too_much(invoice: Invoice, _rng: random.Random, _world: faults.Surroundings) -> str:
    owed = balance(invoice)
    _book(invoice, Money(owed.minor + 1000, owed.currency))
    return "paid too much"


def _book(invoice: Invoice, money: Money) -> None:
    dues.record_transfer(invoice, money, today(), "statement", by=staff())


def staff(role: Role = Role.FINANCE) -> Person:
    """Whoever holds that role in the demo."""
    query = select(Person).join(RoleGrant, RoleGrant.person_id == Person.id)
    found = db.session.scalars(query.where(RoleGrant.role == role, RoleGrant.revoked_at.is_(None)))
    return found.first() or db.session.scalars(select(Person)).one()


def _apply(day: date, rng: random.Random, year: Year) -> None:
    n = rng.randrange(len(TOWNS))
    name = f"{TOWNS[n]} Contact {day:%b %d}"
    people = rng.choice((12, 40, 90, 210, 480))
    made = joining.start(
        kind=MembershipClass.PROVIDER_FRONT, headcount=people, country=COUNTRIES[n],
        email=f"apply@{TOWNS[n].lower()}-{day:%y%m%d}.example", applicant=f"Director of {name}",
    )  # fmt: skip
    pages: dict[str, dict[str, object]] = {
        "firm": {"name": name, "registration_no": f"{COUNTRIES[n]}-Y{day:%y%m%d}", "tax_id": "",
                 "address": f"1 {TOWNS[n]} Road", "website": ""},
        "contacts": {"title": "Director", "phone": "", "finance_email": "", "purchase_order": ""},
        "declaration": {"headcount": people, "owner": "Its founders", "signed": True,
                        "accepts": True, "why": "To learn from others."},
    }  # fmt: skip
    for page, answers in pages.items():
        joining.answer_page(made, page, answers)
    joining.submit(made)
    db.session.commit()
    year.count("applied")


def _review(year: Year) -> None:
    """Staff take up what was sent and admit it."""
    waiting = (ApplicationStatus.SUBMITTED, ApplicationStatus.UNDER_REVIEW)
    ids = select(Application.id).where(Application.status.in_(waiting)).order_by(Application.id)
    for application_id in db.session.scalars(ids).all():
        application = db.session.get_one(Application, application_id)
        try:
            if application.status is ApplicationStatus.SUBMITTED:
                joining.take(application)
            else:
                joining.approve(application, staff(Role.MEMBERSHIP))
                year.count("admitted")
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            year.count(f"refused: {refusal}")
