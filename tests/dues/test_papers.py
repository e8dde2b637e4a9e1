"""The PDF of an invoice: made when its mail is sent, the same whenever, in the firm's language."""

import re

import pytest
from sqlalchemy import select

from portal.association.queries import association
from portal.core import clock, documents, jobs
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.mail import MailAttachment
from portal.dues import actions, papers
from portal.dues.faces import Face
from portal.dues.languages import WORDS
from portal.dues.queries import bill
from portal.members.words import LANGUAGES
from tests.dues.books import make_invoice
from tests.make import make_firm, make_member


def made(invoice):
    paper = papers.of_invoice(bill(invoice))
    return documents.pdf(paper.template, paper.facts)


def the_file():
    db.session.expire_all()
    return db.session.scalars(select(MailAttachment)).one()


def mailed(**facts):
    invoice = make_invoice(**facts)
    actions.mail_invoice(invoice, "finance@test.example")
    db.session.commit()
    return invoice


def test_issuing_makes_no_pdf_and_sending_makes_the_one_that_is_kept(sent):
    invoice = mailed()
    assert the_file().body is None
    message = sent()[0]
    assert message.get_payload()[-1].get_content() == the_file().body == made(invoice)


def test_the_pdf_says_what_was_true_when_the_mail_was_written(sent):
    invoice = mailed()
    before = made(invoice)
    actions.record_transfer(invoice, invoice.total, clock.today())
    db.session.commit()
    letters = [one for one in sent() if "Invoice" in one["Subject"]]
    assert letters[0].get_payload()[-1].get_content() == before != made(invoice)


def test_a_later_name_and_account_of_the_association_change_no_issued_paper():
    invoice = make_invoice()
    note = actions.credit(make_invoice(), "a slip")
    before = made(invoice), papers.of_note(note)
    here = association()
    here.name, here.address, here.iban = "Renamed", "9 New Road", "NL02ABNA0123456789"
    db.session.commit()
    assert (made(invoice), papers.of_note(note)) == before
    assert papers.of_invoice(bill(make_invoice())).facts["from"]["name"] == "Renamed"


def test_a_pdf_that_cannot_be_made_is_tried_again_by_the_mail_job(at, smtp):
    at(2026, 11, 22)
    mailed()
    one = the_file()
    one.document = "nothing_of_that_name"
    db.session.commit()
    jobs.work()
    waiting = db.session.scalars(
        select(Job).where(Job.handler == "portal.core.mail.deliver")
    ).one()
    assert waiting.done_at is None
    assert waiting.error
    the_file().document = "invoice"
    db.session.commit()
    at(2026, 11, 22, 13)
    jobs.work()
    assert the_file().body.startswith(b"%PDF-")


def test_a_server_that_is_away_gets_the_same_file_later(sent, smtp):
    mailed()
    first = the_file().file()
    db.session.commit()
    assert sent()[0].get_payload()[-1].get_content() == first == the_file().body


SPOKEN = ("en", "es", "fr", "de", "pt")


def test_the_words_and_the_choice_of_languages_are_the_same_five():
    assert tuple(WORDS) == tuple(LANGUAGES) == SPOKEN


@pytest.mark.parametrize(
    ("language", "title", "pay_by", "net"),
    [("en", "Invoice", "To pay by 1 Jan 2027: EUR 2,418.00", "2,418.00"),
     ("es", "Factura", "A pagar antes del 1 ene 2027: EUR 2.418,00", "2.418,00"),
     ("fr", "Facture", "À payer avant le 1 janv. 2027 inclus : EUR 2 418,00", "2 418,00"),
     ("de", "Rechnung", "Zu zahlen bis 01.01.2027: EUR 2.418,00", "2.418,00"),
     ("pt", "Fatura", "A pagar até 1 de jan. de 2027: EUR 2.418,00", "2.418,00"),
     ("nl", "Invoice", "To pay by 1 Jan 2027: EUR 2,418.00", "2,418.00")],
)  # fmt: skip
def test_an_invoice_speaks_the_language_of_its_firm(at, language, title, pay_by, net):
    at(2026, 12, 2, 12)
    firm = make_firm(language=language)
    paper = papers.of_invoice(bill(make_invoice(firm)))
    said = [str(paper.facts["pay_by"]), str(paper.facts["net"])]
    plain = [re.sub(r"\s", " ", one) for one in said]
    assert (paper.facts["title"], *plain) == (title, pay_by, net)
    assert language_of(documents.pdf(paper.template, paper.facts)) == (
        language if language in SPOKEN else "en"
    )


def language_of(pdf):
    """What the PDF tells a screen reader to speak."""
    return re.search(rb"/Lang ?\(([^)]+)\)", pdf)[1].decode()


def test_a_later_choice_of_language_changes_no_issued_paper():
    firm = make_firm(language="de")
    invoice = make_invoice(firm)
    firm.language = "fr"
    db.session.commit()
    assert papers.of_invoice(bill(invoice)).facts["title"] == "Rechnung"
    note = papers.of_note(actions.credit(invoice, "Falsch gezählt"))
    assert note.facts["title"] == "Gutschrift"
    assert note.facts["takes_back"].endswith("Grund: Falsch gezählt")
    assert documents.pdf(note.template, note.facts).startswith(b"%PDF-")


@pytest.mark.parametrize(("currency", "figures"), [("JPY", "2.418"), ("KWD", "2,418")])
def test_amounts_have_the_decimals_of_their_currency(currency, figures):
    invoice = make_invoice(make_firm(language="de"), total=2418, currency=currency)
    assert papers.of_invoice(bill(invoice)).facts["net"] == figures


@pytest.mark.parametrize("language", SPOKEN)
def test_what_is_settled_says_so_in_every_language(language):
    invoice = make_invoice(make_firm(language=language))
    actions.record_transfer(invoice, invoice.total, clock.today())
    facts = papers.of_invoice(bill(invoice)).facts
    assert facts["state"] == WORDS[language][Face.PAID]
    assert documents.pdf("invoice", facts).startswith(b"%PDF-")


def test_a_firm_chooses_the_language_of_its_invoices_on_its_page(browser):
    browser.sign_in(make_member("roster_manager"))
    assert "Language of invoices" in browser.get("/firm/edit")
    browser.post(
        "/firm/edit", address="1 Road", billing_email="ap@firm.example", purchase_order="",
        website="", language="pt",
    )  # fmt: skip
    assert "Português" in browser.get("/firm/")
    page = browser.post("/firm/edit", status=200, address="1 Road", language="xx").text
    assert "Choose one of these" in page
