"""What firms and staff do on a day of the year: pay well, badly or not at all; apply; ask back."""

import random
from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from portal.accounts.models import Person, RoleGrant
from portal.association.queries import today
from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.demo.seed.applicants import Applicant, apply
from portal.demo.year import faults
from portal.demo.year.figures import Year
from portal.dues import cards, saving
from portal.dues.models import Invoice, InvoiceKind
from portal.dues.queries import balance, invoices, kept_card, payers_of
from portal.joining import actions as joining
from portal.joining.models import Application, ApplicationStatus

TOWNS = ("Kingston", "Cebu", "Pune", "Durban", "Cali", "Utrecht", "Leeds")
COUNTRIES = ("JM", "PH", "IN", "ZA", "CO", "NL", "GB")
PATIENCE = 20  # days with a card that is not charged
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
        (0.12, since >= 3, by_card_on_file),
        (0.30, since >= 6, by_card),
        (0.62, since >= 20, by_transfer),
        (0.70, late >= 12, by_card),
        (0.78, since >= 9, in_two_parts),
        (0.84, since >= 14, by_a_bad_card),
        (0.90, since >= 25, too_much),
        (0.94, since >= 16, by_card_and_regrets),
        (0.97, late >= 70, without_a_reference),
    )
    for limit, is_time, habit in tempers:
        if temper < limit:
            return habit if is_time else None
    return None  # never pays


def by_card_on_file(invoice: Invoice, rng: random.Random, world: faults.Surroundings) -> str:
    """Gives a card to be charged when the dues are due; a few of these cards fail later."""
    people = payers_of(invoice.organization_id) if invoice.organization_id else []
    firm = invoice.organization
    if not people or firm is None or invoice.kind is not InvoiceKind.DUES:
        return by_card(invoice, rng, world)
    kept = kept_card(firm.id)
    if kept is None:
        card = rng.choice((faults.PAYS, faults.PAYS, faults.ASKS, faults.FAILS_LATER))
        world.sandbox.pay(saving.start(firm, people[0].person), card)
        return "gave a card to be charged"
    if (today() - invoice.due_on).days > PATIENCE:
        return by_card(invoice, rng, world)
    return ""  # it is charged when the dues are due


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


def by_card_and_regrets(
    invoice: Invoice, _rng: random.Random, world: faults.Surroundings
) -> str:  # fmt: skip
    """Pays, and has the bank take it back."""
    world.sandbox.pay(_card_page(invoice), faults.IS_DISPUTED)
    return "paid by card, disputed"


def by_transfer(invoice: Invoice, _rng: random.Random, world: faults.Surroundings) -> str:
    return _transfer(invoice, world, "transferred", balance(invoice).minor)


def in_two_parts(invoice: Invoice, rng: random.Random, world: faults.Surroundings) -> str:
    """Half by transfer, then the rest by card."""
    owed = balance(invoice)
    if owed == invoice.total:
        return _transfer(invoice, world, "half transferred", owed.minor // 2)
    return by_card(invoice, rng, world)


def too_much(invoice: Invoice, _rng: random.Random, world: faults.Surroundings) -> str:
    return _transfer(invoice, world, "transferred too much", balance(invoice).minor + 1000)


def without_a_reference(
    invoice: Invoice, _rng: random.Random, world: faults.Surroundings
) -> str:  # fmt: skip
    return _transfer(invoice, world, "transferred without a word", balance(invoice).minor, "dues")


def _transfer(
    invoice: Invoice, world: faults.Surroundings, what: str, minor: int, words: str = ""
) -> str:
    """It is on the next statement; meanwhile nobody transfers the same again."""
    name = str(invoice.bill_to["name"]).upper()
    if any(one[2] == name for one in world.on_their_way) or minor <= 0:
        return ""
    world.on_their_way.append((today(), minor, name, "", words or invoice.reference))
    return what


def staff(role: Role = Role.FINANCE) -> Person:
    """Whoever holds that role in the demo."""
    query = select(Person).join(RoleGrant, RoleGrant.person_id == Person.id)
    found = db.session.scalars(query.where(RoleGrant.role == role, RoleGrant.revoked_at.is_(None)))
    return found.first() or db.session.scalars(select(Person)).one()


def _apply(day: date, rng: random.Random, year: Year) -> None:
    n = rng.randrange(len(TOWNS))
    name = f"{TOWNS[n]} Contact {day:%b %d}"
    people = rng.choice((12, 40, 90, 210, 480))
    town, country = TOWNS[n], COUNTRIES[n]
    apply(
        Applicant(
            f"Director of {name}", f"apply@{town.lower()}-{day:%y%m%d}.example", name,
            f"{country}-Y{day:%y%m%d}", country, people, f"1 {town} Road",
        )
    )  # fmt: skip
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
