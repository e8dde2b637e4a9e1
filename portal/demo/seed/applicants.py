"""Invented firms that ask to join, taken through the pages that every applicant answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from portal.association.queries import today
from portal.core import working_days
from portal.core.db import db
from portal.demo.seed.firms import Step, World, at
from portal.dues import actions as dues
from portal.dues.declaring import metrics_asked
from portal.joining import actions as joining
from portal.joining.models import Application
from portal.joining.quoting import tariff_on
from portal.members import actions as members
from portal.members.models import AdmissionOrder, MembershipClass


@dataclass(frozen=True)
class Applicant:
    """Who asks, and for which firm."""

    person: str
    email: str
    firm: str
    registration_no: str
    country: str  # ISO 3166-1
    headcount: int
    address: str
    phone: str = ""
    title: str = "Managing director"
    why: str = "We want to learn from those who are further on."
    kind: MembershipClass = MembershipClass.PROVIDER_FRONT


def apply(one: Applicant) -> Application:
    """The application as it was sent. The caller commits."""
    tariff = tariff_on(today())
    asked = metrics_asked(tariff.book, [one.kind]) if tariff else []
    made = joining.start(
        kind=one.kind, country=one.country, email=one.email, applicant=one.person,
        metrics=dict.fromkeys(asked, str(one.headcount)),
    )  # fmt: skip
    pages: dict[str, dict[str, object]] = {
        "firm": {
            "name": one.firm, "registration_no": one.registration_no, "tax_id": "",
            "address": one.address, "website": "",
        },
        "contacts": {
            "title": one.title, "phone": one.phone, "finance_email": "", "purchase_order": "",
        },
        "declaration": {
            "owner": "Its founders", "signed": True, "accepts": True,
            "why": one.why,
        },
    }  # fmt: skip
    for page, answers in pages.items():
        joining.answer_page(made, page, answers)
    joining.submit(made)
    return made


def first_payers(world: World) -> Iterator[Step]:
    """Consultants pay first: one who has not paid yet, and one who has and is being read."""
    yield at(world.today - timedelta(days=60), 8), _let_consultants_pay_first
    for days, paid, person, firm, country in (
        (4, False, "Thandi Dube", "Dube Advice", "ZA"),
        (8, True, "Femke Visser", "Visser Advies", "NL"),
    ):
        one = Applicant(
            person, f"{person.split()[0].lower()}@{firm.split()[0].lower()}.example", firm,
            f"{country}-7{days}21", country, 2, "3 Demonstration Lane",
            "+31205550100" if country == "NL" else "+27115550100", "Consultant",
            kind=MembershipClass.CONSULTANT,
        )  # fmt: skip
        yield at(world.today - timedelta(days=days), 8), _applies(one)
        if paid:
            seen = working_days.on_or_after(world.today - timedelta(days=days - 2))
            yield at(seen, 9), _pays(world, one)


def _let_consultants_pay_first() -> None:
    words = "A small sum for one or two people: it comes with the application, or goes back."
    decision = members.decide("general meeting", today(), "Consultants pay first", words)
    order = AdmissionOrder.PAY_THEN_APPROVE
    members.change_type(MembershipClass.CONSULTANT, decision, admission_order=order)


def _applies(one: Applicant) -> Callable[[], None]:
    def act() -> None:
        apply(one)

    return act


def _pays(world: World, one: Applicant) -> Callable[[], None]:
    def act() -> None:
        query = select(Application).where(Application.email == one.email)
        invoice = db.session.scalars(query).one().invoice
        if invoice:
            by = world.people["finance"]
            dues.record_transfer(invoice, invoice.total, today(), "Seen on the statement", by=by)

    return act
