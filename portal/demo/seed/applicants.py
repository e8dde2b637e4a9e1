"""Invented firms that ask to join, taken through the pages that every applicant answers."""

from dataclasses import dataclass

from portal.joining import actions as joining
from portal.joining.models import Application
from portal.members.models import MembershipClass


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


def apply(one: Applicant) -> Application:
    """The application as it was sent. The caller commits."""
    made = joining.start(
        kind=MembershipClass.PROVIDER_FRONT, headcount=one.headcount, country=one.country,
        email=one.email, applicant=one.person,
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
            "headcount": one.headcount, "owner": "Its founders", "signed": True, "accepts": True,
            "why": one.why,
        },
    }  # fmt: skip
    for page, answers in pages.items():
        joining.answer_page(made, page, answers)
    joining.submit(made)
    return made
