"""A member's own page: what needs them first, their firm, their people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import url_for

from portal.accounts.models import Person
from portal.committees.models import Committee
from portal.committees.queries import committees_of
from portal.core.access import Permission
from portal.dues import queries as dues
from portal.dues.queries import declarations
from portal.joining import queries as joining
from portal.joining.models import ApplicationStatus
from portal.library import waiting
from portal.members import queries as members
from portal.members.models import Affiliation, Organization
from portal.members.policy import Feature
from portal.members.standing import FirmState, Standing

P = Permission
APPLYING = {
    ApplicationStatus.DRAFT: ("Finish your application", "Go on"),
    ApplicationStatus.SUBMITTED: ("Your application is with us", "See it"),
    ApplicationStatus.UNDER_REVIEW: ("Your application is being read", "See it"),
    ApplicationStatus.NEEDS_INFORMATION: ("We have a question about your application", "Answer"),
    ApplicationStatus.APPEALED: ("Your appeal is being read", "See it"),
    ApplicationStatus.AWAITING_PAYMENT: ("Pay the first dues to become a member", "Pay"),
}


@dataclass(frozen=True)
class Firm:
    """The firm a person acts for, and where its membership stands today."""

    organization: Organization
    state: FirmState
    people: list[Affiliation]
    waits: members.Waits

    @property
    def name(self) -> str:
        return self.organization.name


@dataclass(frozen=True)
class Need:
    text: str
    more: str
    url: str
    button: str


def firm_with_state(person: Person) -> Firm | None:
    members.places_of(person)
    found = members.firm_of(person)
    if found is None:
        return None
    return Firm(found, members.state_of(found), *members.people_and_waits(found.id))


def needs(person: Person, firm: Firm | None) -> list[Need]:
    """What this person should do, the most urgent first; empty when nothing needs them."""
    return [
        *(_application(person) if firm is None else ()),
        *(_place_in_firm(person, firm) if firm else ()),
        *(_invoices(firm) if firm and person.may(P.FIRM_PAY) else ()),
        *(_declaration(firm) if firm and person.may(P.FIRM_DECLARE) else ()),
        *(_roster(firm) if firm and person.may(P.FIRM_MANAGE) else ()),
        *(_membership(person, firm) if firm else ()),
        *(_reviews(person) if person.may(P.LIBRARY_READ) else ()),
        *(_account(person)),
    ]


def _place_in_firm(person: Person, firm: Firm) -> Iterator[Need]:
    """A role to confirm, and a seat to ask for."""
    url, held = url_for("members.people"), members.affiliation_of(person)
    if held and members.must_attest(held):
        more = "We ask once a year, so that votes and invoices reach the right people."
        yield Need(f"Confirm your role at {firm.name}", more, url, "Confirm")
    if not firm.state.is_live or person.may(P.LIBRARY_READ):
        return
    if members.gives(Feature.FULL, firm.organization):
        more = "Every seat is taken, so what is for members only stays closed to you."
        yield Need("You have no seat", more, url, "Ask for one")
    else:
        yield _shut(person)


def _shut(person: Person) -> Need:
    """Why it is shut is for those who deal with the firm's money or its people."""
    text = "What is for members only is closed to your firm"
    if person.may(P.FIRM_PAY) or person.may(P.FIRM_MANAGE):
        more = "Dues unpaid for long do that, or a decision. Invoices and own data stay open."
        return Need(text, more, url_for("renewals.membership"), "See how it stands")
    more = "Your roster manager and your dues contact can say how it stands."
    return Need(text, more, url_for("members.people"), "See who they are")


def _application(person: Person) -> Iterator[Need]:
    made = joining.of_person(person.id)
    if made and made.status in APPLYING:
        text, button = APPLYING[made.status]
        is_unpaid = made.status is ApplicationStatus.AWAITING_PAYMENT
        if is_unpaid and not joining.owes(made):
            text, button = "Your application is with us: nothing is to be paid", "See it"
        elif is_unpaid and made.is_paid_first:
            text = "Pay the first dues: then we read your application"
        more = f"Reference {made.reference}"
        if made.deadline_on and made.status in joining.WAITING:
            more += f"; we answer by {made.deadline_on:%d %b %Y}"
        yield Need(text, more, url_for("joining.resume", token=made.token), button)


def _invoices(firm: Firm) -> Iterator[Need]:
    for bill in dues.bills(dues.unpaid(firm.organization.id, most=5)):
        text = f"Pay {bill.invoice.title}: {bill.balance}"
        more = f"Invoice {bill.invoice.number}. {bill.words}; due {_day(bill.due_on)}."
        yield Need(text, more, url_for("dues.show", invoice_id=bill.invoice.id), "Pay or forward")


def _declaration(firm: Firm) -> Iterator[Need]:
    """Numbers that are asked and were last told for an older year, or never."""
    if declarations.is_due(firm.organization.id):
        more = "Dues are reckoned by them; you see what they change before you sign."
        text = f"Declare the numbers of {firm.name}"
        yield Need(text, more, url_for("dues.declaration"), "Declare")


def _roster(firm: Firm) -> Iterator[Need]:
    """Roles without a person, colleagues without a seat, people who ask to join."""
    url, found = url_for("members.people"), firm.waits
    if found.vacant_until:
        text = "A role is without a person"
        if found.vacant > 1:
            text = f"{found.vacant} roles are without a person"
        more = f"Name one by {_day(found.vacant_until)}, so that votes and invoices arrive."
        yield Need(text, more, url, "Name one")
    if found.asking:
        text = _many(found.asking, "person asks", "people ask") + f" to join {firm.name}"
        yield Need(text, "Say whether they work with you.", url, "Answer")
    if found.waiting:
        text = _many(found.waiting, "colleague waits", "colleagues wait") + " for a seat"
        yield Need(text, "Seats go in the order of asking.", url, "See who")


def _many(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _membership(person: Person, firm: Firm) -> Iterator[Need]:
    """The way back of a firm that was a member."""
    if firm.state.is_live or firm.state.standing is Standing.SCHEDULED:
        return
    if person.may(P.FIRM_PAY) and firm.state.until:
        more = "Invoices stay open to you. What coming back costs is said beforehand."
        yield Need(firm.state.words, more, url_for("renewals.membership"), "See the way back")
    else:
        more = "To come back, begin with the price."
        yield Need(firm.state.words, more, url_for("joining.index"), "See the price")


def _reviews(person: Person) -> Iterator[Need]:
    """Practices of other firms that this person was asked to read before they are published."""
    found = waiting.reviews_for(person)
    if found:
        text = f"Review “{found[0].practice.title}”"
        if len(found) > 1:
            text = f"Review {len(found)} practices"
        more = f"A first answer helps most by {_day(min(one.due_on for one in found))}."
        yield Need(text, more, url_for("library.reviews"), "Read and answer")


def _account(person: Person) -> Iterator[Need]:
    if person.email_verified_at is None:
        more = f"Until then we cannot be sure that {person.email} is yours."
        yield Need("Confirm your e-mail address", more, url_for("accounts.account"), "Confirm")


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def committees(person: Person) -> list[Committee]:
    return committees_of(person) if person.may(P.COMMITTEE_NOTES) else []
