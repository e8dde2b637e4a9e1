"""Applications for tests, at any point of their way; everything is committed."""

from portal.core.db import db
from portal.dues.models import Tariff
from portal.joining import actions
from portal.joining.models import Application
from portal.members.models import MembershipClass
from tests.dues.books import make_tariff
from tests.make import make_person

QUOTE = "kind=provider_front&headcount=60&country=PH"
FIRM = {
    "name": "Sampaguita Care Inc.", "registration_no": "CS2019-0042", "tax_id": "",
    "address": "7 Ayala Avenue\nMakati", "website": "www.sampaguita.example",
}  # fmt: skip
CONTACTS = {
    "title": "Operations director", "phone": "+63 917 123 4567",
    "finance_email": "ap@sampaguita.example", "purchase_order": "PO-9",
}  # fmt: skip
DECLARATION = {
    "headcount": "60", "owner": "Its founders", "why": "To learn.", "signed": "y", "accepts": "y",
}  # fmt: skip
PAGES = {"firm": FIRM, "contacts": CONTACTS, "declaration": DECLARATION}


def make_application(*, email="mira@sampaguita.example", upto="submitted", **firm):
    """One of Mira Santos, taken to `upto`; other words are facts about the firm."""
    if not db.session.query(Tariff).count():
        make_tariff()
    made = actions.start(
        kind=MembershipClass.PROVIDER_FRONT, headcount=60, country="PH", email=email,
        applicant="Mira Santos",
    )  # fmt: skip
    if upto != "begun":
        for page, answers in PAGES.items():
            actions.answer_page(made, page, answers | (firm if page == "firm" else {}))
    for state in STEPS.get(upto, ()):
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
STEPS_TO = {
    "submitted": actions.submit,
    "needs_information": lambda made: actions.ask(made, "Who owns the other half?"),
    "under_review": actions.take,
    "declined": lambda made: actions.decline(made, "rules", "It did not accept.", make_person()),
    "appealed": lambda made: actions.appeal(made, "It did accept, on page two."),
    "declined_final": lambda made: actions.uphold(made, "Page two is empty.", make_person()),
    "awaiting_payment": lambda made: actions.approve(made, make_person()),
    "activated": lambda made: actions.activate(made.invoice),
    "withdrawn": actions.withdraw,
    "expired": lambda made: actions.expire(made, "Nobody touched it"),
}


def again(application):
    db.session.expire_all()
    return db.session.get(Application, application.id)
