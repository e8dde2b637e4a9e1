"""The editorial way: who may review, what has to be said, the counterparty's ten working days."""

import re
from datetime import date
from html import unescape
from itertools import pairwise

import pytest
from sqlalchemy import select

from portal.accounts.models import RoleGrant
from portal.core import jobs, working_days
from portal.core.access import Role
from portal.core.audit import AuditEvent
from portal.core.db import db
from portal.core.states import Refused
from portal.library import (
    actions,
    authors,
    proposals,
    remarks,
    replies,
    reviewing,
    steps,
)
from portal.library.models import (
    Comment,
    Naming,
    PracticeStatus,
    ProposalKind,
    RemarkKind,
    Reply,
    Review,
    Verdict,
)
from portal.library.proposals import Words
from portal.members import merging
from portal.members.models import GroupMembership
from portal.members.queries import firm_of
from tests.make import NOW, make_contact, make_firm, make_member, make_person, save
from tests.people import make_practice

S = PracticeStatus
CASE = {
    "title": "The okapi sheet", "summary": "A sheet that agents fill in, told frankly to all.",
    "kind": "case_study", "service": "both", "stage": "operations", "theme": "quality",
    "outcome": "negative", "evidence": "one_case", "frankness": "named",
    "interest": {"author": "The editor", "paid_by": "nobody"}, "visibility": "public",
    "not_again": "We would not begin without the agents who have to fill it in. " * 2,
}  # fmt: skip
GUIDE = CASE | {"kind": "guide", "outcome": None, "not_again": None}
NAMED = CASE | {"reply": {"party": "Oriole Support"}}


def draft(front=GUIDE, author=None):
    author = author or make_person(Role.EDITOR)
    return save(actions.start("okapi-sheet", front, "## Okapi\n\nWords.", author))


def in_review(front=GUIDE, author=None):
    made = draft(front, author)
    actions.move(made, S.IN_REVIEW, "")
    db.session.commit()
    return made


def find_fit(practice):
    """An editor and a peer of another firm, neither of whom wrote it, find it fit."""
    editor, peer = make_person(Role.EDITOR), make_member()
    reviewing.ask_peer(practice, peer.email, editor)
    for one in (editor, peer):
        reviewing.say(practice, "", one, Verdict.FIT)
    db.session.commit()
    return editor


# What has to be read by whom


@pytest.mark.parametrize(
    ("front", "way"),
    [
        (GUIDE, [S.DRAFT, S.IN_REVIEW, S.APPROVED, S.PUBLISHED]),
        (CASE, [S.DRAFT, S.IN_REVIEW, S.LEGAL_REVIEW, S.APPROVED, S.PUBLISHED]),
        (NAMED, [S.DRAFT, S.IN_REVIEW, S.LEGAL_REVIEW, S.RIGHT_OF_REPLY, S.APPROVED,
                 S.PUBLISHED]),
        (GUIDE | {"kind": "benchmark", "title": "Early leavers by region"},
         [S.DRAFT, S.IN_REVIEW, S.LEGAL_REVIEW, S.APPROVED, S.PUBLISHED]),
        (GUIDE | {"kind": "benchmark", "benchmark": {"metric": "first_90_day_attrition"}},
         [S.DRAFT, S.IN_REVIEW, S.LEGAL_REVIEW, S.APPROVED, S.PUBLISHED]),
        (GUIDE | {"kind": "benchmark", "title": "Payload of a call"},
         [S.DRAFT, S.IN_REVIEW, S.APPROVED, S.PUBLISHED]),
    ],
)  # fmt: skip
def test_what_it_says_decides_which_steps_it_takes(front, way):
    assert steps.path(front) == way
    for one, following in pairwise(way):
        assert steps.next_step(one, front) is following
        assert one.may_become(following)


def test_no_step_is_left_out():
    for new in (S.RIGHT_OF_REPLY, S.APPROVED):
        with pytest.raises(
            Refused, match="Before that it is in legal review, because it is a case"
        ):
            steps.refuse_leap(S.IN_REVIEW, new, NAMED)
    steps.refuse_leap(S.LEGAL_REVIEW, S.IN_REVIEW, NAMED)  # back is free


# Working days


def test_easter_and_what_hangs_on_it_are_days_off():
    assert [working_days.easter(y) for y in (2000, 2026, 2027, 2038)] == [
        date(2000, 4, 23), date(2026, 4, 5), date(2027, 3, 28), date(2038, 4, 25),
    ]  # fmt: skip
    assert not working_days.is_working_day(date(2026, 5, 14))  # Ascension Day
    assert not working_days.is_working_day(date(2026, 4, 27))  # King's Day
    assert working_days.is_working_day(date(2025, 4, 28))


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 11, 20), 10, date(2026, 12, 4)),  # a Friday
        (date(2026, 12, 10), 10, date(2026, 12, 24)),
        (date(2026, 12, 11), 10, date(2026, 12, 28)),  # Christmas is a Friday, then a weekend
        (date(2026, 12, 17), 10, date(2027, 1, 4)),  # and New Year's Day is one too
        (date(2026, 3, 20), 10, date(2026, 4, 7)),  # Good Friday and Easter Monday between
    ],
)
def test_a_deadline_never_falls_on_a_weekend_or_a_holiday(start, days, due):
    assert working_days.after(start, days) == due
    assert working_days.between(start, due) == days


# Who may review


def test_author_group_and_sponsor_do_not_review(app):
    parent = make_firm(name="Acacia Care")
    sister = make_firm(group=db.session.scalar(select(GroupMembership)).group)
    author, colleague, stranger = make_member(firm=parent), make_member(firm=sister), make_member()
    made = draft(author=author)
    assert reviewing.objection(made, author, is_peer=True).startswith("Whoever wrote")
    assert "same corporate group" in reviewing.objection(made, colleague, is_peer=True)
    assert reviewing.objection(made, stranger, is_peer=True) == ""
    assert "in force" in reviewing.objection(made, make_person(), is_peer=True)
    made.sponsor_id = reviewing.live_affiliations(stranger)[0].organization_id
    assert "paid for it" in reviewing.objection(made, stranger, is_peer=True)


def test_a_firm_that_the_front_matter_names_as_author_does_not_review_either(app):
    peer = make_member(firm=make_firm(name="Acacia Care"))
    made = draft(GUIDE | {"authors": [{"name": "A", "org": "acacia CARE"}]})
    assert "same corporate group" in reviewing.objection(made, peer, is_peer=True)


@pytest.fixture
def sealed():
    """A practice in review that came under a pseudonym; its author, and a colleague of theirs."""
    hidden = make_member()
    words = Words(ProposalKind.PRACTICE, "The okapi sheet", "We did it. " * 8, "", "", "",
                  Naming.ANONYMISED)  # fmt: skip
    made = proposals.take(proposals.propose(words, hidden), "tax", make_person(Role.EDITOR))
    made.status = S.IN_REVIEW
    colleague = make_contact(firm_of(hidden))
    db.session.commit()
    return made, hidden, colleague


def test_of_an_author_under_seal_every_refusal_reads_alike(sealed):
    made, hidden, colleague = sealed
    for person in (hidden, colleague, make_person()):
        assert reviewing.objection(made, person, is_peer=True) == reviewing.UNTOLD
    assert reviewing.objection(made, make_member(), is_peer=True) == ""
    for person in (hidden, colleague, make_member()):  # as editors
        assert reviewing.objection(made, person, is_peer=False) == reviewing.AT_A_FIRM
    assert reviewing.objection(made, make_person(Role.EDITOR), is_peer=False) == ""


def test_no_editor_learns_the_group_of_an_author_under_seal_by_asking_peers(browser, sealed, sent):
    made, hidden, colleague = sealed
    page = f"/staff/library/{made.id}"
    for role in (Role.EDITOR, Role.ADMIN):
        browser.sign_in(make_person(role))
        assert reviewing.KEPT in unescape(browser.get(page))
        for person in (hidden, colleague, make_member(), make_person()):
            answer = browser.post(f"{page}/ask", page=page, status=200, email=person.email)
            assert "Ask them" not in answer.text
    refused = select(AuditEvent).filter_by(verb=authors.REFUSED)
    assert db.session.scalars(select(Review)).all() == []
    assert db.session.scalars(refused).all() == []
    keyholder = browser.sign_in(make_person(Role.KEYHOLDER))
    answer = browser.post(f"{page}/ask", page=page, status=200, email=colleague.email)
    assert reviewing.UNTOLD in answer.text
    event = db.session.scalars(refused).one()
    assert (event.actor, event.details) == (f"person:{keyholder.id}", {})
    mail = sent()[-1]
    assert (mail["To"], "okapi" in str(mail)) == (hidden.email, False)
    browser.post(f"{page}/ask", page=page, email=make_member().email)
    browser.sign_in(hidden)
    assert "A colleague was refused as its reviewer" in browser.get("/library/proposals")


def test_it_takes_an_editor_a_peer_and_no_open_comment(app):
    author = make_person(Role.EDITOR)
    made = in_review(author=author)
    with pytest.raises(Refused, match="an editor who did not write it has to find version 1 fit"):
        actions.move(made, S.APPROVED, "")
    with pytest.raises(Refused, match="Whoever wrote"):
        reviewing.say(made, "", author, Verdict.FIT)
    with pytest.raises(Refused, match="not asked"):
        reviewing.say(made, "", make_member(), Verdict.FIT)
    comment = reviewing.say(made, "Which year?", author)
    editor = find_fit(made)
    with pytest.raises(Refused, match="1 comment is open"):
        actions.move(made, S.APPROVED, "")
    reviewing.resolve(comment, editor)
    actions.move(made, S.APPROVED, "")
    assert made.status is S.APPROVED


def test_a_new_version_has_to_be_found_fit_again(app):
    author = make_person(Role.EDITOR)
    made = in_review(author=author)
    find_fit(made)
    actions.revise(made, GUIDE, "Other words.", "Changed", author)
    with pytest.raises(Refused, match="version 2 fit"):
        actions.move(made, S.APPROVED, "")


def test_what_was_decided_on_is_not_changed_on_the_way(app):
    author = make_person(Role.EDITOR)
    made = in_review(author=author)
    find_fit(made)
    actions.move(made, S.APPROVED, "")
    with pytest.raises(Refused, match="What was reviewed is what is published"):
        actions.revise(made, GUIDE, "Other words.", "Changed", author)


def test_a_published_guide_does_not_become_a_bad_case_past_the_lawyer(app):
    author = make_person(Role.EDITOR)
    made = draft(author=author)
    made.status = S.PUBLISHED
    with pytest.raises(Refused, match="legal review, because it is a case that went badly"):
        actions.revise(made, CASE, "Words.", "Changed", author)


def test_going_back_needs_a_reason_which_is_a_comment_and_is_mailed(app, sent):
    author = make_person(Role.EDITOR, email="writer@test.example")
    made, editor = in_review(author=author), make_person(Role.EDITOR)
    with pytest.raises(Refused, match="Say why"):
        actions.advance(made, S.DRAFT, "", editor)
    actions.advance(made, S.DRAFT, "The third figure has no year.", editor)
    db.session.commit()
    assert [one.text for one in reviewing.comments(made)] == ["The third figure has no year."]
    mail = next(one for one in sent() if one["To"] == "writer@test.example")
    assert "no year" in mail.get_body(("plain",)).get_content()


def test_passing_it_for_the_law_is_written_down_and_not_by_the_author(app):
    author = make_person(Role.EDITOR)
    made = in_review(CASE, author)
    editor = find_fit(made)
    actions.advance(made, S.LEGAL_REVIEW, "", editor)
    with pytest.raises(Refused, match="who read it for the law"):
        actions.advance(made, S.APPROVED, "", editor)
    with pytest.raises(Refused, match="does not pass it"):
        actions.advance(made, S.APPROVED, "Fine.", author)
    actions.advance(made, S.APPROVED, "Counsel: no names, no risk.", editor)
    assert made.status is S.APPROVED


# Service


def test_the_first_answer_is_due_in_five_working_days(app, at):
    at(2026, 12, 21, 10)
    author = make_person(Role.EDITOR)
    made = in_review(author=author)
    service = reviewing.services([made])[made.id]
    assert (service.due_on, service.answered_on) == (date(2026, 12, 29), None)
    at(2026, 12, 30, 10)
    assert reviewing.services([made])[made.id].is_late
    reviewing.say(made, "When do I hear?", make_person(Role.EDITOR))
    db.session.flush()
    service = reviewing.services([made])[made.id]
    assert (service.answered_on, service.days) == (date(2026, 12, 30), 6)


# The counterparty


def asked_to_reply():
    """A case with its counterparty: the practice, and the secret of the mailed link."""
    made = in_review(NAMED)
    editor = find_fit(made)
    actions.advance(made, S.LEGAL_REVIEW, "", editor)
    replies.invite(made, "desk@oriole.example", editor)
    actions.advance(made, S.RIGHT_OF_REPLY, "Counsel read it.", editor)
    db.session.commit()
    return made


def link_of(messages):
    mail = next(one for one in messages if one["To"] == "desk@oriole.example")
    return re.search(r"/library/reply/[\w-]+", mail.get_body(("plain",)).get_content())[0]


def test_the_counterparty_replies_once_and_changes_it_until_the_last_day(browser, sent, at):
    at(2026, 12, 11, 9)
    made = asked_to_reply()
    there = link_of(sent())
    assert "until 28 Dec 2026" in browser.get(there).replace("\N{NO-BREAK SPACE}", " ")
    assert "Use 20 to 3,000" in browser.post(there, status=200, text="Too short").text
    browser.post(there, text="We were never asked for the sheet.")
    at(2026, 12, 28, 22)
    browser.post(there, text="We were asked for the sheet, too late.")
    with pytest.raises(Refused, match="may answer until 28 Dec 2026"):
        actions.move(made, S.APPROVED, "")
    db.session.rollback()
    at(2026, 12, 28, 23, 30)  # past midnight in Amsterdam
    page = browser.get(there)
    assert "The time to answer is over" in page
    assert "too late" in page
    assert "## Okapi" not in page
    actions.move(made, S.APPROVED, "")
    actions.move(made, S.PUBLISHED, "")
    db.session.commit()
    page = browser.get("/library/okapi-sheet")
    assert "The reply of Oriole Support" in page
    assert "We were asked for the sheet, too late." in page
    assert made.front["reply"]["status"] == "answered"


def test_silence_is_noted(browser, at):
    at(2026, 12, 11, 9)
    made = asked_to_reply()
    at(2026, 12, 29, 9)
    actions.move(made, S.APPROVED, "")
    actions.move(made, S.PUBLISHED, "")
    db.session.commit()
    assert "and did not." in browser.get("/library/okapi-sheet")


def test_a_final_reply_ends_the_waiting_and_is_not_changed(browser, sent):
    made = asked_to_reply()
    there = link_of(sent())
    browser.post(there, text="We stand by what we did there.", is_final="y")
    assert "The time to answer is over" in browser.get(there)
    actions.move(made, S.APPROVED, "")
    assert made.status is S.APPROVED


def test_a_link_of_a_practice_that_went_back_shows_no_text_of_it(browser, sent):
    made = asked_to_reply()
    there = link_of(sent())
    actions.advance(made, S.DRAFT, "The dates are wrong.", make_person(Role.EDITOR))
    db.session.commit()
    page = browser.get(there)
    assert "Words." not in page
    assert "The time to answer is over" in page


def test_it_waits_for_nobody_who_was_not_invited(app):
    made = in_review(NAMED)
    editor = find_fit(made)
    actions.advance(made, S.LEGAL_REVIEW, "", editor)
    with pytest.raises(Refused, match="has to be invited"):
        actions.advance(made, S.RIGHT_OF_REPLY, "Counsel read it.", editor)


# The last steps


def test_an_approved_practice_is_published_on_its_day(app, at):
    at(2026, 11, 22, 9)
    made = in_review()
    find_fit(made)
    actions.move(made, S.APPROVED, "")
    with pytest.raises(Refused, match="to come"):
        actions.schedule(made, date(2026, 11, 22), make_person())
    actions.schedule(made, date(2026, 11, 25), make_person())
    db.session.commit()
    at(2026, 11, 24, 22, 30)
    jobs.work()
    assert made.status is S.APPROVED
    at(2026, 11, 24, 23, 30)  # already the day in Amsterdam
    jobs.work()
    db.session.refresh(made)
    assert (made.status, made.published_on) == (S.PUBLISHED, date(2026, 11, 25))


def test_what_was_taken_down_says_why_to_whoever_could_see_its_title(browser, another_browser):
    made = draft(GUIDE | {"visibility": "members", "teaser": False})
    made.status, made.published_on = S.PUBLISHED, date(2026, 1, 5)
    db.session.commit()
    browser.sign_in(make_person(Role.EDITOR))
    page = f"/staff/library/{made.id}/take-down"
    assert "readers see it" in browser.post(page, status=200, to="withdrawn").text
    browser.post(page, to="withdrawn", reason="Its figures were made up.")
    another_browser.get("/library/okapi-sheet", status=404)
    another_browser.sign_in(make_member())
    assert "Its figures were made up." in another_browser.get("/library/okapi-sheet", status=410)


# Pages


def test_a_peer_reads_and_says_and_nobody_else_does(browser, another_browser, sent):
    made = in_review()
    editor, peer = make_person(Role.EDITOR), make_member()
    browser.sign_in(editor)
    ask = f"/staff/library/{made.id}/ask"
    assert "Nobody here" in browser.post(ask, status=200, email="no@body.example").text
    browser.post(ask, email=peer.email.upper())
    assert "asked already" in browser.post(ask, status=200, email=peer.email).text
    assert any(one["To"] == peer.email for one in sent())
    there = f"/library/reviews/{made.id}"
    another_browser.sign_in(make_member())
    another_browser.get(there, status=404)
    another_browser.sign_in(peer)
    assert "The okapi sheet" in another_browser.get("/library/reviews/")
    assert "Write what is missing" in another_browser.post(there, status=200, text="").text
    another_browser.post(there, text="Which year is that?", verdict="not_yet")
    page = browser.get(f"/staff/library/{made.id}")
    assert "Which year is that?" in page
    assert "1 comment is open" in page
    browser.post(f"/staff/library/comments/{db.session.scalar(select(Comment.id))}/resolve",
                 page=f"/staff/library/{made.id}")  # fmt: skip
    assert "resolved by" in browser.get(f"/staff/library/{made.id}")


def test_an_editor_whose_group_paid_sees_no_comment(browser):
    made = in_review()
    reviewing.say(made, "Too good to be true.", make_person(Role.EDITOR))
    firm = make_firm()
    payer = make_member(firm=make_firm(group=firm.group_memberships[0].group))
    save(RoleGrant(person=payer, role=Role.EDITOR, granted_at=NOW))
    made.sponsor_id = firm.id
    db.session.commit()
    browser.sign_in(payer)
    page = browser.get(f"/staff/library/{made.id}")
    assert "Too good" not in page
    assert "paid for it" in page
    comment = db.session.scalar(select(Comment.id))
    browser.post(f"/staff/library/comments/{comment}/resolve", status=404,
                 page=f"/staff/library/{made.id}")  # fmt: skip


def test_two_accounts_of_a_reviewer_become_one(app):
    made = in_review()
    keep, lose = make_member(), make_member()
    for one in (keep, lose):
        reviewing.ask_peer(made, one.email, make_person(Role.EDITOR))
    db.session.commit()
    merging.merge_people(keep, lose, "One person")
    db.session.commit()
    assert [one.reviewer_id for one in db.session.scalars(select(Review))] == [keep.id]


def test_the_desk_asks_the_same_statements_of_one_as_of_many(browser, statements):
    browser.sign_in(make_person(Role.EDITOR))
    in_review()
    counts = []
    for n in range(2):
        statements.clear()
        browser.get("/staff/library/")
        counts.append(len(statements))
        more = actions.start(f"more-{n}", GUIDE, "Words.", make_person(Role.EDITOR))
        actions.move(more, S.IN_REVIEW, "")
        db.session.commit()
    assert counts[0] == counts[1]
    assert db.session.scalar(select(Reply)) is None


def test_a_peer_finds_what_waits_on_the_front_and_the_dashboard_until_they_answer(
    browser,
):
    made, peer = in_review(), make_member()
    reviewing.ask_peer(made, peer.email, make_person(Role.EDITOR))
    db.session.commit()
    browser.sign_in(peer)
    assert "1 practice waits for your review" in browser.get("/library/")
    assert "Review “The okapi sheet”" in browser.get("/dashboard")
    reviewing.say(made, "", peer, Verdict.FIT)
    db.session.commit()
    for page in ("/library/", "/dashboard"):
        assert "/library/reviews/" not in browser.get(page)
    browser.sign_in(make_member())
    assert "/library/reviews/" not in browser.get("/library/")


def test_the_desk_says_what_waits_how_much_and_since_when(browser, at):
    at(2026, 11, 2, 9)
    in_review()
    reader, practice = make_member(), make_practice("alpha")
    for kind in (RemarkKind.ERROR, RemarkKind.PITCH):
        remarks.report(kind, practice, "The year.", reader)
    remarks.ask("Who has tried it?", reader)
    words = Words(ProposalKind.PRACTICE, "Ours", "We did it. " * 8, "", "", "", Naming.NAMED)
    proposals.propose(words, reader)
    db.session.commit()
    at(2026, 11, 22, 9)
    browser.sign_in(make_person(Role.EDITOR))
    page = browser.get("/staff/library/")
    waiting = page.split('id="waiting"')[1].split("Nothing waits in")[0]
    assert re.findall(r">([^<]+)</a>", waiting)[:5] == [
        "Proposals of members", "Practices in review", "Reported errors", "Reported pitches",
        "Questions",
    ]  # fmt: skip
    assert waiting.count("20 d") == 5
    idle = page.split("Nothing waits in")[1].split("</p>")[0]
    assert "status=legal_review" in idle
    assert "Replies of counterparties" in idle
    assert ">In review</span>" in page
