"""Authors answer what readers ask of their practice, under no name; editors may take it off."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.core.access import Role
from portal.core.audit import AuditEvent, Transition
from portal.core.db import db
from portal.core.states import Refused
from portal.library import answering, proposals, remarks
from portal.library.models import Naming, PracticeStatus, ProposalKind, Remark, RemarkStatus
from portal.library.proposals import Words
from tests.make import make_member, make_person

QUESTION = "Who paid the driver?"


@pytest.fixture
def author():
    return make_member(display_name="Nia Odhiambo")


def published_by(author, naming=Naming.NAMED):
    words = Words(ProposalKind.CASE, "Our night bus", "It ran empty. " * 5, "", "That again. " * 9,
                  "negative", naming)  # fmt: skip
    made = proposals.propose(words, author)
    practice = proposals.take(made, "transport", make_person(Role.EDITOR))
    practice.status, practice.published_on = PracticeStatus.PUBLISHED, date(2026, 3, 2)
    practice.updated_on = practice.published_on
    db.session.commit()
    return practice


def asked(practice, text=QUESTION):
    made = remarks.ask(text, make_member(), practice)
    db.session.commit()
    return made


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


@pytest.mark.view
def test_the_author_is_asked_by_mail_answers_on_the_page_and_the_asker_is_told(
    browser, another_browser, author, sent
):
    practice = published_by(author)
    page, asker = f"/library/{practice.slug}", another_browser.sign_in(make_member())
    another_browser.post(f"{page}/question", text=QUESTION)
    assert "Readers ask you" not in another_browser.get(page)
    assert [(one["To"], QUESTION in text_of(one)) for one in sent()[-1:]] == [(author.email, True)]
    browser.sign_in(author)
    one = db.session.scalars(select(Remark)).one()
    for place in (page, "/library/proposals"):
        assert f"{page}/questions/{one.id}" in browser.get(place)
    answer = f"{page}/questions/{one.id}"
    assert "Write what the sender reads" in browser.post(answer, status=200, answer=" ").text
    browser.post(answer, answer="The city did.")
    assert (sent()[-1]["To"], sent()[-1]["Subject"]) == (
        asker.email, "The author’s answer to your question",
    )  # fmt: skip
    assert "The city did." in text_of(sent()[-1])
    shown = another_browser.get(page)
    assert "The city did." in shown
    assert "The author, " in shown
    assert "answered by you" in browser.get("/library/proposals")
    browser.post(answer, status=404, answer="Twice.", page=page)


def test_nobody_else_finds_the_page_of_an_answer(browser, author):
    practice, other = published_by(author), published_by(make_member())
    one = asked(practice)
    browser.sign_in(make_member())
    browser.get(f"/library/{practice.slug}/questions/{one.id}", status=404)
    browser.sign_in(author)
    browser.get(f"/library/{other.slug}/questions/{one.id}", status=404)
    browser.get(f"/library/{practice.slug}/questions/{one.id}")


def test_under_a_pseudonym_neither_mail_nor_record_nor_answer_gives_the_author_away(
    browser, author, sent
):
    practice = published_by(author, Naming.ANONYMISED)
    one = asked(practice)
    mail = sent()[-1]
    assert mail["To"] == author.email
    assert QUESTION not in text_of(mail)
    assert practice.title not in text_of(mail) + mail["Subject"]
    browser.sign_in(author)
    page = f"/library/{practice.slug}/questions/{one.id}"
    assert "under a pseudonym" in browser.post(page, status=200, answer="Ask nia ODHIAMBO.").text
    browser.post(page, answer="The city did.")
    subject = f"remark:{one.id}"
    move = db.session.scalars(select(Transition).filter_by(subject=subject)).one()
    rows = select(AuditEvent.actor).filter_by(subject=subject, verb="remark.answered")
    assert (move.actor, db.session.scalar(rows)) == ("author", "author")


def test_editors_take_an_answer_off_and_its_author_reads_why(browser, author):
    practice = published_by(author)
    one = asked(practice)
    answering.answer(one, practice, "Buy our bus.", author)
    db.session.commit()
    browser.sign_in(make_person(Role.EDITOR))
    page = f"/staff/library/remarks/{one.id}"
    assert "The author answered." in browser.get(page)
    assert "Say why" in browser.post(f"{page}/take-off", status=200, reason="").text
    browser.post(f"{page}/take-off", reason="It sells.")
    assert "No answer" in browser.post(f"{page}/take-off", status=200, reason="Twice.").text
    browser.sign_in(author)
    assert "Buy our bus." not in browser.get(f"/library/{practice.slug}")
    assert "took the answer off: It sells." in browser.get("/library/proposals")
    answering.answer(one, practice, "The city did.", author)
    db.session.commit()
    assert "The city did." in browser.get(f"/library/{practice.slug}")


def test_whoever_answers_first_has_answered(author):
    practice = published_by(author)
    one = asked(practice)
    remarks.answer(one, RemarkStatus.ANSWERED, "The editors know.")
    db.session.commit()
    with pytest.raises(Refused):
        answering.answer(one, practice, "So does the author.", author)
    db.session.rollback()
    assert (one.answer, one.is_by_author) == ("The editors know.", False)
    report = remarks.report(remarks.RemarkKind.ERROR, practice, "The year.", make_member())
    with pytest.raises(Refused):
        answering.take_off(report, "No answer")
