"""Readers vote, report and ask; editors answer; three upheld pitches keep their author out."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.core import jobs, merging
from portal.core.access import Role
from portal.core.db import db
from portal.core.states import Refused
from portal.library import documents, proposals, remarks, suspensions, voting
from portal.library.models import (
    Naming,
    Proposal,
    ProposalKind,
    Remark,
    RemarkKind,
    RemarkStatus,
    Vote,
)
from portal.library.proposals import Words, propose
from portal.members.merging import merge_people
from tests.make import make_member, make_person
from tests.people import make_practice

UPHELD, DISMISSED, ANSWERED = RemarkStatus.UPHELD, RemarkStatus.DISMISSED, RemarkStatus.ANSWERED


@pytest.fixture
def practice():
    return make_practice("night-bus")


def told(practice, person, naming=Naming.NAMED, kind=ProposalKind.EXPERIENCE, numbers=""):
    """An experience beside a practice that readers see, or a case that became a draft."""
    about = practice if kind is ProposalKind.EXPERIENCE else None
    words = Words(kind, "Ours too", "It went as you say. " * 3, numbers, "That again. " * 9,
                  "mixed", naming, practice=about)  # fmt: skip
    made = propose(words, person)
    if made.status.value == "sent":
        proposals.take(made, "transport", make_person(Role.EDITOR))
    db.session.commit()
    return made


def upheld_pitch(about):
    remarks.answer(
        remarks.report(RemarkKind.PITCH, about.practice, "It sells.", make_member(), about),
        UPHELD, "So it does.",
    )  # fmt: skip
    db.session.commit()


def test_a_person_has_one_vote_on_each_version_and_may_change_it(browser, practice):
    browser.sign_in(make_member())
    browser.post("/library/night-bus/vote", page="/library/night-bus", useful="yes")
    assert "You said yes" in browser.get("/library/night-bus")
    browser.post("/library/night-bus/vote", useful="no", text="Too short.")
    browser.post("/library/night-bus/vote", page="/library/night-bus", useful="no")
    one = db.session.scalars(select(Vote)).one()
    assert (one.version, one.is_useful, one.text) == (1, False, "Too short.")
    answer = browser.post("/library/night-bus/vote", status=200, useful="perhaps", text="x" * 1001)
    assert "Use 1,000 characters or fewer" in answer.text
    browser.sign_in(make_person(Role.EDITOR))
    assert "Too short." in browser.get("/staff/library/votes")


def test_the_score_is_shown_from_ten_votes_and_counts_each_ones_last(browser, practice):
    voters = [make_person() for _ in range(10)]
    for number, person in enumerate(voters[:9]):
        voting.vote(practice, person, "", is_useful=number < 8)
    db.session.commit()
    browser.sign_in(make_member())
    assert "members found it useful" not in browser.get("/library/night-bus")
    voting.vote(practice, voters[9], "", is_useful=False)
    practice.version = 2
    voting.vote(practice, voters[9], "", is_useful=True)
    db.session.commit()
    assert "9 of 10" in browser.get("/library/night-bus")
    assert next(iter(documents.documents(practice.id))).useful == 9


def test_results_can_be_sorted_by_what_most_found_useful(browser, practice):
    second = make_practice("second-bus")
    for _ in range(10):
        voting.vote(practice, make_person(), "", is_useful=True)
    db.session.commit()
    jobs.work()
    browser.sign_in(make_member())
    page = browser.get("/library/?sort=useful")
    assert "most useful" in page
    assert page.index(f'"/library/{practice.slug}"') < page.index(f'"/library/{second.slug}"')


def test_a_report_opens_a_task_and_its_sender_has_an_answer_once(browser, practice, sent):
    reporter = browser.sign_in(make_member())
    assert "Say where" in browser.post("/library/night-bus/report", status=200, kind="error").text
    browser.post("/library/night-bus/report", kind="error", text="The year is wrong.")
    again = browser.post("/library/night-bus/report", status=200, kind="error", text="The year!")
    assert "You reported this already" in again.text
    assert "The year!" in again.text
    one = db.session.scalars(select(Remark)).one()
    assert remarks.waiting()[0] == 1
    browser.sign_in(make_person(Role.EDITOR))
    assert "Report of an error" in browser.get("/staff/library/remarks")
    page = f"/staff/library/remarks/{one.id}"
    assert "Choose what to do" in browser.post(page, status=200, answer="Yes.", to="lost").text
    refused = browser.post(page, status=200, answer="Yes.", to="answered").text
    assert "uphold or dismiss a report" in refused
    browser.post(page, answer="It is 2025 now.", to="upheld")
    mail = sent()[-1]
    assert mail["To"] == reporter.email
    assert "It is 2025 now." in mail.get_body(("plain",)).get_content()
    browser.sign_in(reporter)
    assert "It is 2025 now." in browser.get("/library/proposals")


def test_an_upheld_pitch_takes_an_experience_off_the_page_a_dismissed_one_does_not(
    browser, practice
):
    author = make_member()
    good, bad = told(practice, author), told(practice, author, numbers="2 of 90 left.")
    for one, verdict in ((good, DISMISSED), (bad, UPHELD)):
        browser.sign_in(make_member())
        address = f"/library/night-bus/report?experience={one.id}"
        browser.post(address, kind="pitch", text="They sell buses.")
        made = db.session.scalars(select(Remark).order_by(Remark.id.desc())).first()
        assert made.proposal_id == one.id
        remarks.answer(made, verdict, "We looked.")
        db.session.commit()
    page = browser.get("/library/night-bus")
    assert f'id="experience-{good.id}"' in page
    assert f'id="experience-{bad.id}"' not in page
    browser.get(f"/library/night-bus/report?experience={bad.id}", status=404)


def test_every_third_upheld_report_suspends_for_ninety_days():
    days = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert suspensions.until(days[:2]) is None
    assert suspensions.until(days) == date(2026, 5, 30)
    assert suspensions.until([*days, date(2026, 9, 1)]) == date(2026, 5, 30)


@pytest.mark.parametrize("naming", [Naming.NAMED, Naming.ANONYMISED])
def test_whoever_is_suspended_reads_so_at_the_form_and_posts_again_after_90_days(
    browser, practice, at, naming
):
    author = make_member()
    at(2026, 11, 22, 9)
    for _ in range(3):
        upheld_pitch(told(practice, author, naming))
    browser.sign_in(author)
    words = "you may post again after 20 February 2027"
    assert words in browser.get("/library/proposals/new")
    answer = browser.post("/library/night-bus/experience", status=200, title="Ours",
                          outcome="mixed", happened="It went as you say. " * 3)  # fmt: skip
    assert words in answer.text
    assert "It went as you say." in answer.text
    at(2027, 2, 20, 12)
    with pytest.raises(Refused, match="20 February"):
        told(practice, author, naming)
    at(2027, 2, 21, 12)
    assert suspensions.words_for(author) == ""


def test_a_report_of_a_practice_counts_for_the_member_who_proposed_it(practice):
    author = make_member()
    case = told(practice, author, Naming.ANONYMISED, ProposalKind.CASE)
    for _ in range(3):
        one = remarks.report(RemarkKind.PITCH, case.practice, "It sells.", make_member())
        remarks.answer(one, UPHELD, "So it does.")
    told_beside = make_member()
    db.session.commit()
    assert suspensions.suspended_until(author)
    assert suspensions.suspended_until(told_beside) is None


def test_who_tells_beside_a_practice_does_not_answer_for_the_practice(practice):
    author = make_member()
    told(practice, author)
    for _ in range(3):
        one = remarks.report(RemarkKind.PITCH, practice, "It sells.", make_member())
        remarks.answer(one, UPHELD, "So it does.")
    assert suspensions.suspended_until(author) is None


def test_a_question_is_answered_by_mail_and_beside_the_practice_by_nobodys_name(
    browser, practice, sent
):
    asker = browser.sign_in(make_member(display_name="Nia Odhiambo"))
    assert "Write your question" in browser.post("/library/night-bus/question", status=200).text
    browser.post("/library/night-bus/question", text="Who paid the driver?")
    one = db.session.scalars(select(Remark)).one()
    assert "Who paid the driver?" not in browser.get("/library/night-bus")
    browser.sign_in(make_person(Role.EDITOR))
    browser.post(f"/staff/library/remarks/{one.id}", answer="The city did.", to="answered")
    assert sent()[-1]["To"] == asker.email
    page = browser.get("/library/night-bus")
    assert "The city did." in page
    assert "Nia" not in page


def test_where_nothing_is_found_the_library_can_be_asked_for_it(browser):
    browser.sign_in(make_member())
    assert 'href="/library/ask?q=zzqx"' in browser.get("/library/?q=zzqx")
    assert "I looked for “zzqx” and found nothing." in browser.get("/library/ask?q=zzqx")
    browser.post("/library/ask", text="How do I zzqx?")
    assert "How do I zzqx?" in browser.get("/library/proposals")


def test_two_records_of_one_person_have_one_vote_and_one_open_report(practice):
    keep, lose = make_member(display_name="Nia"), make_member(display_name="Nia")
    for one in (keep, lose):
        voting.vote(practice, one, "", is_useful=one is keep)
        remarks.report(RemarkKind.ERROR, practice, "The year.", one)
    db.session.commit()
    merge_people(keep, lose, "She has two")
    db.session.commit()
    assert db.session.scalars(select(Vote)).one().is_useful
    assert db.session.scalars(select(Remark)).one().person_id == keep.id
    assert merging.ids_of(type(keep), keep.id) == {keep.id, lose.id}
    assert db.session.scalars(select(Proposal)).all() == []
