"""The PDF of an invoice is made when its mail is sent, and is the same whenever it is made."""

from sqlalchemy import select

from portal.association.queries import association
from portal.core import clock, documents, jobs
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.mail import MailAttachment
from portal.dues import actions, papers
from portal.dues.queries import bill
from tests.dues.books import make_invoice


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
