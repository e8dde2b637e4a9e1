"""Members propose; whoever wants it stays unknown, and is told when they do not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from portal.accounts import erasing
from portal.core import sealing
from portal.core.access import Permission, Role, permissions_of
from portal.core.audit import AuditEvent
from portal.core.db import Model, db
from portal.core.mail import OutgoingMail
from portal.core.states import Refused
from portal.library import authors, proposals, remarks, voting
from portal.library.front_matter import faults
from portal.library.models import (
    Naming,
    Practice,
    Proposal,
    ProposalKind,
    RemarkKind,
    SealedAuthor,
)
from portal.library.proposals import Words, answer_by, body_of, propose
from portal.members.merging import merge_people
from tests.make import make_contact, make_firm, make_member, make_membership, make_person
from tests.people import make_practice

HAPPENED = "We moved the night shift to another site and lost a third of the people in a month."
AGAIN = "We would not move a team of that size in one go, without asking anybody on it beforehand."
SENT = {"kind": "case", "title": "The night we moved", "outcome": "negative",
        "happened": HAPPENED, "numbers": "31 of 90 left.", "not_again": AGAIN}  # fmt: skip


def words(kind=ProposalKind.CASE, naming=Naming.ANONYMISED, practice=None, outcome="negative"):
    return Words(kind, "The night we moved", HAPPENED, "31 of 90 left.", AGAIN, outcome, naming,
                 practice=practice)  # fmt: skip


@pytest.fixture
def rosa():
    firm = make_firm(name="Acacia Care")
    make_membership(firm)
    return make_contact(firm, "delegate", display_name="Rosa Dizon", email="rosa@acacia.example")


def rows_that_name(person, but=()):
    """Every row, of every table that is not the person's own, that holds their name or number."""
    own = {"people", "affiliations", "organizations", "corporate_groups", "sign_ins", "tokens",
           "attestations", "seats", "outgoing_mail", "jobs", *but}  # fmt: skip
    names = (person.display_name, person.email, "Acacia", f"person:{person.id}'")
    db.session.rollback()  # SQLite has one writer, and this session is it
    found = []
    with db.engine.connect() as connection:
        for table in Model.metadata.sorted_tables:
            if table.name not in own:
                rows = [str(tuple(row)) for row in connection.execute(select(table))]
                found += [f"{table.name} {row}" for row in rows if any(x in row for x in names)]
    return found


def test_a_case_that_went_badly_is_under_a_pseudonym_unless_its_author_wants_it_otherwise(
    browser, rosa
):
    browser.sign_in(rosa)
    browser.post("/library/proposals/new", **SENT)
    made = db.session.scalars(select(Proposal)).one()
    assert made.naming is Naming.ANONYMISED
    assert (made.person_id, made.organization_id) == (None, None)
    assert made.shown_author == "A member"
    page = browser.get("/library/proposals")
    assert "The night we moved" in page
    assert "first answer by" in page
    browser.post("/library/proposals/new", **SENT | {"naming": "named"})
    named = db.session.scalars(select(Proposal).order_by(Proposal.id.desc())).first()
    assert named.shown_author == "Rosa Dizon, Acacia Care"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": ""}, "Give it a title"),
        ({"happened": "Short"}, "Use 40 to 10,000 characters"),
        ({"outcome": ""}, "Say how it went"),
        ({"not_again": "No"}, "A case says in 80 characters or more"),
        ({"numbers": "Ask ROSA dizon."}, "This names you or your firm"),
        ({"pseudonym": "Somebody of Acacia Care"}, "This names you or your firm"),
    ],
)
def test_bad_input_is_answered_at_the_field_and_nothing_is_lost(browser, rosa, changed, said):
    browser.sign_in(rosa)
    answer = browser.post("/library/proposals/new", status=200, **SENT | changed)
    assert said in answer.text
    assert changed.get("happened", HAPPENED) in answer.text
    assert db.session.scalars(select(Proposal)).all() == []


def test_the_identity_is_in_no_row_that_can_be_read_and_in_no_mail_of_what_it_was(browser, rosa):
    browser.sign_in(rosa)
    browser.post("/library/proposals/new", **SENT)
    made = db.session.scalars(select(Proposal)).one()
    proposals.take(made, "workforce", make_person(Role.EDITOR))
    authors.open_seal(made, "A regulator asks.")
    db.session.commit()
    named = [one for one in rows_that_name(rosa) if "person.signed_in" not in one]
    assert named == []
    sealed = db.session.scalars(select(SealedAuthor)).one()
    assert sealing.unseal(sealed.sealed) == str(rosa.id)
    mails = db.session.scalars(select(OutgoingMail).filter_by(recipient=rosa.email)).all()
    assert len(mails) == 2
    assert not any("night we moved" in one.subject + one.text + one.html for one in mails)
    assert "regulator" not in mails[-1].text
    draft = made.practice
    assert draft.front["authors"] == [{"name": "A member", "pseudonym": True}]
    assert faults({**draft.front, "status": "in_review"}) == []


def test_only_a_keyholder_opens_a_seal_with_a_reason_and_the_author_is_told(browser, rosa, sent):
    made = propose(words(), rosa)
    db.session.commit()
    page = f"/staff/library/proposals/{made.id}"
    for role in (Role.EDITOR, Role.ADMIN):
        browser.sign_in(make_person(role))
        assert "Rosa" not in browser.get(page)
        browser.get(f"{page}/identity", status=403)
    keyholder = browser.sign_in(make_person(Role.KEYHOLDER))
    assert "Rosa" not in browser.get(page)
    assert "Say why" in browser.post(f"{page}/identity", status=200, reason=" ").text
    answer = browser.post(f"{page}/identity", status=200, reason="A regulator asks.")
    assert "Rosa Dizon" in answer.text
    assert "Rosa" not in browser.get(f"{page}/identity")
    event = db.session.scalars(select(AuditEvent).filter_by(verb=authors.OPENED)).one()
    assert event.actor == f"person:{keyholder.id}"
    assert event.details == {"reason": "A regulator asks."}
    assert "An editor opened the seal" in sent()[-1]["Subject"]
    browser.sign_in(rosa)
    assert "Reason: A regulator asks." in browser.get("/library/proposals")


def test_no_role_but_the_keyholder_holds_the_right():
    holders = [one for one in Role if Permission.LIBRARY_IDENTITIES in permissions_of([one])]
    assert holders == [Role.KEYHOLDER]


def test_an_editor_takes_a_case_into_a_draft_or_declines_with_a_reason(browser, rosa, sent):
    for left in ("31 of 90 left.", "40 of 90 left."):
        propose(replace(words(), numbers=left), rosa)
    db.session.commit()
    first, second = db.session.scalars(select(Proposal).order_by(Proposal.id)).all()
    browser.sign_in(make_person(Role.EDITOR))
    assert "answer by" in browser.get("/staff/library/proposals")
    answer = browser.post(f"/staff/library/proposals/{first.id}", theme="workforce")
    assert "The night we moved" in browser.get(answer.location)
    once = browser.post(f"/staff/library/proposals/{second.id}", theme="tax")
    twice = browser.post(f"/staff/library/proposals/{second.id}", page="/library/", theme="tax")
    assert twice.location == once.location
    third = propose(replace(words(), numbers=""), rosa)
    db.session.commit()
    browser.post(f"/staff/library/proposals/{third.id}/decline", reason="We have one like it.")
    slugs = db.session.scalars(select(Practice.slug).order_by(Practice.id)).all()
    assert slugs == ["the-night-we-moved", "the-night-we-moved-2"]
    browser.sign_in(rosa)
    mine = browser.get("/library/proposals")
    assert "taken up: draft" in mine
    assert "We have one like it." in mine
    assert all("night" not in one["Subject"] for one in sent())


def test_a_draft_by_name_says_person_and_firm_and_one_by_nobody_neither(rosa):
    by_name = proposals.front_of(propose(words(naming=Naming.NAMED), rosa), "tax")
    by_nobody = proposals.front_of(propose(words(naming=Naming.CHATHAM_HOUSE), rosa), "tax")
    assert by_name["authors"] == [{"name": "Rosa Dizon", "org": "Acacia Care"}]
    assert by_name["interest"]["author"] == "Rosa Dizon, Acacia Care"
    assert not any(word in str(by_nobody) for word in ("Rosa", "Acacia"))


def test_the_first_answer_is_promised_within_five_working_days(at, rosa):
    at(2026, 11, 20, 12)  # a Friday
    assert str(answer_by(propose(words(), rosa))) == "2026-11-27"


def test_what_was_typed_stays_plain_text_in_the_draft():
    typed = Proposal(happened="# Not a title\n<b>bold</b> a*b", numbers="", not_again="")
    assert body_of(typed) == (
        "## What happened\n\n\\# Not a title\n\\<b>bold\\</b> a\\*b\n"
    )  # fmt: skip


def test_a_first_experience_waits_for_an_editor_and_the_next_is_shown_at_once(browser, rosa):
    practice = make_practice("night-bus")
    told = SENT | {"naming": "", "title": "Our own bus"}
    browser.sign_in(rosa)
    browser.post("/library/night-bus/experience", **told)
    assert "Our own bus" not in browser.get("/library/night-bus")
    one = db.session.scalars(select(Proposal)).one()
    browser.sign_in(make_person(Role.EDITOR))
    browser.post(f"/staff/library/proposals/{one.id}", theme="association")
    browser.sign_in(rosa)
    browser.post("/library/night-bus/experience", **told | {"title": "A second bus"})
    page = browser.get("/library/night-bus")
    assert "Our own bus" in page
    assert "A second bus" in page
    assert "Rosa Dizon, Acacia Care" in page
    assert db.session.get(Proposal, one.id).practice_id == practice.id


def test_under_the_chatham_house_rule_neither_person_nor_firm_is_shown(browser, rosa):
    for slug, naming, frankness in (
        ("ours", Naming.CHATHAM_HOUSE, "named"), ("theirs", Naming.NAMED, "chatham_house"),
    ):  # fmt: skip
        practice = make_practice(slug, frankness=frankness)
        one = propose(words(ProposalKind.EXPERIENCE, naming, practice), rosa)
        if one.status.value == "sent":
            proposals.take(one, "", make_person(Role.EDITOR))
        db.session.commit()
        browser.sign_in(make_member())
        page = browser.get(f"/library/{slug}")
        assert "A member, under the Chatham House rule" in page
        assert "Rosa" not in page
        assert "Acacia" not in page


def test_visitors_see_no_experiences_of_a_practice_that_is_open_to_all(browser, rosa):
    practice = make_practice("open", visibility="public")
    one = propose(words(ProposalKind.EXPERIENCE, Naming.NAMED, practice), rosa)
    proposals.take(one, "", make_person(Role.EDITOR))
    db.session.commit()
    assert "Rosa" not in browser.get("/library/open")


def test_nobody_sees_anothers_proposals(browser, rosa):
    propose(words(), rosa)
    db.session.commit()
    browser.sign_in(make_member())
    assert "The night we moved" not in browser.get("/library/proposals")


def test_erasure_breaks_the_seal_and_leaves_the_words(rosa):
    one = propose(words(), rosa)
    db.session.commit()
    erasing.erase(rosa)
    db.session.commit()
    assert db.session.scalars(select(SealedAuthor)).all() == []
    with pytest.raises(Refused, match="nobody knows any more"):
        authors.open_seal(one, "Why not")


def test_a_merged_account_finds_its_proposals_and_its_seal_opens_to_the_one_that_stays(rosa):
    from_before = make_member(display_name="Rosa Dizon")
    one = propose(words(), from_before)
    db.session.commit()
    merge_people(rosa, from_before, "She has two")
    db.session.commit()
    assert authors.author_of(one).id == rosa.id
    assert [mine.id for mine in proposals.of_person(rosa)] == [one.id]


def test_the_database_itself_refuses_a_name_beside_a_pseudonym(rosa):
    one = propose(words(), rosa)
    db.session.commit()
    with pytest.raises(Exception, match="sealed"):
        db.session.execute(
            text("UPDATE proposals SET person_id = :who WHERE id = :one"),
            {"who": rosa.id, "one": one.id},
        )
    db.session.rollback()


def test_a_former_key_still_opens_and_a_lost_one_says_so(app, monkeypatch, settings):
    sealed = sealing.seal("7")

    def keys(*some):
        changed = type(settings)(**vars(settings) | {"identity_keys": some})
        monkeypatch.setitem(app.extensions, "settings", changed)

    keys("n" * 32, settings.secret_key)
    assert sealing.unseal(sealed) == "7"
    assert len(sealing.marks("7")) == 2
    keys("n" * 32)
    with pytest.raises(Refused, match="IDENTITY_KEY"):
        sealing.unseal(sealed)


def test_the_oldest_that_waits_is_known_to_the_desk(rosa, at):
    assert proposals.waiting() == (0, None)
    at(2026, 11, 20, 12)
    propose(words(), rosa)
    assert proposals.waiting() == (1, datetime(2026, 11, 20, 12, tzinfo=UTC))


def test_every_list_asks_the_same_statements_of_one_as_of_many(browser, statements):
    practice = make_practice("night-bus")
    reader, editor = make_member(), make_person(Role.EDITOR)
    pages = ((reader, "/library/proposals"), (reader, "/library/night-bus"),
             (editor, "/staff/library/proposals?status=all"), (editor, "/staff/library/remarks"),
             (editor, "/staff/library/votes"))  # fmt: skip
    counts = []
    for many in (1, 5):
        for _ in range(many):
            for kind in (ProposalKind.CASE, ProposalKind.EXPERIENCE):
                about = practice if kind is ProposalKind.EXPERIENCE else None
                one = propose(words(kind, Naming.NAMED, about), make_member())
                if one.status.value == "sent":
                    proposals.take(one, "tax", editor)
                propose(words(), reader)
            remarks.report(RemarkKind.ERROR, practice, "The year.", make_member())
            voting.vote(practice, make_member(), "Good.", is_useful=True)
        db.session.commit()
        counts.append([])
        for person, page in pages:
            browser.sign_in(person)
            statements.clear()
            browser.get(page)
            counts[-1].append(len(statements))
    assert counts[0] == counts[1]
