"""Applications for tests, at any point of their way; everything is committed."""

from datetime import date

from portal.association.queries import today
from portal.core.db import db
from portal.core.money import Money
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.models import Tariff
from portal.joining import actions, queries
from portal.joining.models import Application
from portal.members import actions as members
from portal.members.models import AdmissionOrder, MembershipClass
from tests.dues.books import make_tariff
from tests.make import make_person

QUOTE = "kind=provider_front&metric_contact_centre_fte=60&country=PH"
FIRM = {
    "name": "Sampaguita Care Inc.", "registration_no": "CS2019-0042", "tax_id": "",
    "address": "7 Ayala Avenue\nMakati", "website": "www.sampaguita.example",
}  # fmt: skip
CONTACTS = {
    "title": "Operations director", "phone": "+63 917 123 4567",
    "finance_email": "ap@sampaguita.example", "purchase_order": "PO-9",
}  # fmt: skip
DECLARATION = {
    "metric_contact_centre_fte": "60", "owner": "Its founders", "why": "To learn.",
    "signed": "y", "accepts": "y",
}  # fmt: skip
PAGES = {"firm": FIRM, "contacts": CONTACTS, "declaration": DECLARATION}


def pay_first(kind=MembershipClass.PROVIDER_FRONT):
    """From now on who applies in this class pays before anybody decides."""
    body, on = "general meeting", date(2026, 1, 5)
    decision = members.decide(body, on, "Pay first", "The dues are small.")
    members.change_type(kind, decision, admission_order=AdmissionOrder.PAY_THEN_APPROVE)
    db.session.commit()


def make_application(
    *, email="mira@sampaguita.example", upto="submitted", pays_first=False, **firm
):
    """One of Mira Santos, taken to `upto`; other words are facts about the firm."""
    if not db.session.query(Tariff).count():
        make_tariff()
    if pays_first and not queries.pays_first(MembershipClass.PROVIDER_FRONT):
        pay_first()
    made = actions.start(
        kind=MembershipClass.PROVIDER_FRONT, country="PH", email=email,
        applicant="Mira Santos", metrics={"contact_centre_fte": "60"},
    )  # fmt: skip
    if upto != "begun":
        for page, answers in PAGES.items():
            actions.answer_page(made, page, answers | (firm if page == "firm" else {}))
    for state in (PAID_FIRST if pays_first else STEPS).get(upto, ()):
        STEPS_TO[state](made)
    db.session.commit()
    return made


STEPS = {
    "submitted": ["submitted"],
    "needs_information": ["submitted", "needs_information"],
    "under_review": ["submitted", "under_review"],
    "declined": ["submitted", "under_review", "declined"],
    "appealed": ["submitted", "under_review", "declined", "appealed"],
    "declined_final": ["submitted", "under_review", "declined", "appealed", "declined_final"],
    "awaiting_payment": ["submitted", "under_review", "awaiting_payment"],
    "activated": ["submitted", "under_review", "awaiting_payment", "activated"],
    "withdrawn": ["withdrawn"],
    "expired": ["expired"],
}
PAID_FIRST = {
    "awaiting_payment": ["submitted"],
    "under_review": ["submitted", "paid"],
    "needs_information": ["submitted", "paid", "needs_information"],
    "declined": ["submitted", "paid", "declined"],
    "appealed": ["submitted", "paid", "declined", "appealed"],
    "declined_final": ["submitted", "paid", "declined", "appealed", "declined_final"],
    "owes_again": ["submitted", "paid", "money_gone", "awaiting_payment"],
    "activated": ["submitted", "paid", "awaiting_payment"],
    "withdrawn": ["submitted", "withdrawn"],
    "expired": ["submitted", "expired"],
}


def pay(application, minor=None):
    """By transfer, all that the invoice asks unless told otherwise."""
    invoice = application.invoice
    money = Money(minor or invoice.total_minor, invoice.currency)
    return dues.record_transfer(invoice, money, today(), by=make_person("finance"))


def undo_payment(application):
    """What paid its invoice pays nothing any more."""
    payment, _ = dues_queries.payments_of(application.invoice)[0]
    dues.free(payment, application.invoice, "It was another's")


STEPS_TO = {
    "paid": pay,
    "money_gone": undo_payment,
    "submitted": actions.submit,
    "needs_information": lambda made: actions.ask(made, "Who owns the other half?"),
    "under_review": actions.take,
    "declined": lambda made: actions.decline(made, "rules", "It did not accept.", make_person()),
    "appealed": lambda made: actions.appeal(made, "It did accept, on page two."),
    "declined_final": lambda made: actions.uphold(made, "Page two is empty.", make_person()),
    "awaiting_payment": lambda made: actions.approve(made, make_person()),
    "activated": pay,
    "withdrawn": actions.withdraw,
    "expired": lambda made: actions.expire(made, "Nobody touched it"),
}


def again(application):
    db.session.expire_all()
    return db.session.get(Application, application.id)
