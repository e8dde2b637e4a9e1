"""Following lists of measures at a pace of one's own; what is new; what is gone through."""

from datetime import timedelta

from sqlalchemy import select

from portal.committees.models import Committee, CommitteeSeat
from portal.core import clock
from portal.core.db import db
from portal.legislation import jobs as bill_jobs
from portal.legislation import lists
from portal.legislation.audience import KIND, MAIL
from portal.legislation.models import MeasureName
from portal.notices.actions import choose_pace, follow, follow_words
from portal.notices.models import Often
from portal.notices.queries import followed_words
from tests.legislation import records
from tests.legislation.taking import only, take
from tests.make import make_member, save

INTRODUCED = ("2026-02-02", "lower", "Introduced", "introduction")
REFERRED = ("2026-02-03", "lower", "Referred to the Committee on Labor, and in addition")
FOLLOWING = "/legislation/following"
ANA = [{"name": "Ana Doe", "primary": True, "entity_type": "person"}]


def first():
    take("openstates", records.openstates(actions=(INTRODUCED,), sponsorships=ANA))


def later():
    at = {"logs_latest_update": "2026-02-06T00:00:00Z"}
    take("openstates", records.openstates(
        actions=(INTRODUCED, REFERRED), sponsorships=ANA, _processing=at
    ))  # fmt: skip


def body(mail):
    return mail.get_body(("plain",)).get_content()


def test_a_list_is_the_same_however_its_address_is_written():
    one = lists.canonical({"topic": "tax", "q": "  quiet   hours ", "page": "3", "stage": ""})
    assert (
        one == lists.canonical({"q": "quiet hours", "topic": "tax"}) == "q=quiet+hours&topic=tax"
    )
    assert lists.asked_by(one) == {"q": "quiet hours", "topic": "tax"}
    assert lists.canonical({"q": "x" * 700}) == ""


def test_sponsors_and_committees_are_kept_by_name(places):
    later()
    rows = db.session.execute(select(MeasureName.kind, MeasureName.name, MeasureName.role))
    assert {tuple(row) for row in rows} == {
        ("sponsor", "Ana Doe", "primary"), ("committee", "Committee on Labor", "committee"),
    }  # fmt: skip


def test_who_follows_a_list_is_told_of_what_is_new_in_it_once(places, at, sent):
    at(2026, 3, 1, 12)
    first()
    wanted = {
        "place": "jurisdiction=us", "words": "q=quiet+agents", "sponsor": "sponsor=Ana+Doe",
        "stage": "stage=committee", "committee": "committee=Committee+on+Labor",
    }  # fmt: skip
    people = {name: make_member() for name in wanted}
    for name, person in people.items():
        follow_words(person.id, KIND, wanted[name])
    follow_words(people["place"].id, KIND, wanted["words"])
    follow(people["place"].id, "measure", only().id)
    other = make_member()
    follow_words(other.id, KIND, "jurisdiction=us-co")
    follow_words(other.id, KIND, "topic=tax")
    db.session.commit()
    later()
    assert sorted(mail["to"] for mail in sent()) == sorted(one.email for one in people.values())
    assert "In committee" in body(sent()[0])


def test_a_new_bill_is_news_to_who_follows_its_list_unless_its_source_is_new_here(
    places, at, sent
):
    at(2026, 3, 1, 12)
    follow_words(make_member().id, KIND, "jurisdiction=us-wy")
    db.session.commit()
    first()
    assert sent() == []
    take("openstates", records.openstates("HB 13", actions=(INTRODUCED,)))
    (mail,) = sent()
    assert "HB 13" in mail["subject"]
    assert "Taken in from Open States" in body(mail)


def test_a_digest_says_once_a_day_all_that_is_new_and_nothing_when_nothing_is(places, at, sent):
    at(2026, 3, 1, 8)
    first()
    daily, weekly = make_member(), make_member()
    for person, pace in ((daily, Often.DAILY), (weekly, Often.WEEKLY)):
        follow_words(person.id, KIND, "jurisdiction=us-wy")
        follow(person.id, "measure", only().id)
        choose_pace(person.id, MAIL, pace)
    db.session.commit()
    at(2026, 3, 1, 12)
    later()
    assert sent() == []
    at(2026, 3, 2, 8)
    bill_jobs.send_digests()
    bill_jobs.send_digests()
    (mail,) = sent()
    assert (mail["to"], mail["subject"]) == (
        daily.email, "Bills: 1 with news since 1 Mar 2026",
    )  # fmt: skip
    assert body(mail).count("HB 12, Quiet hours for agents") == 1
    at(2026, 3, 8, 8)
    bill_jobs.send_digests()
    assert [one["to"] for one in sent()] == [daily.email, weekly.email]


def test_a_member_follows_a_list_from_its_page_chooses_a_pace_and_stops(browser, places, at):
    at(2026, 3, 1, 12)
    first()
    person = browser.sign_in(make_member())
    page = browser.get("/legislation/?jurisdiction=us-wy&sponsor=Ana+Doe")
    assert "Sponsor: Ana Doe" in page
    words = "jurisdiction=us-wy&sponsor=Ana+Doe"
    browser.post("/legislation/follow-list", page=FOLLOWING, list=words)
    assert followed_words(person.id, KIND) == [words]
    assert "Stop following this list" in browser.get(f"/legislation/?{words}")
    page = browser.get("/legislation/following")
    assert "Wyoming · sponsor Ana Doe" in page
    browser.post("/legislation/pace", page=FOLLOWING, pace="weekly")
    at(2026, 3, 1, 13)
    later()
    page = browser.get("/legislation/following")
    assert "What your next digest says" in page
    assert "In committee" in page
    browser.post("/legislation/unfollow-list", page=FOLLOWING, list=words)
    assert followed_words(person.id, KIND) == []
    browser.post("/legislation/follow-list", page=FOLLOWING, list="page=2", status=404)
    browser.post(
        "/legislation/follow-list", page=FOLLOWING, list="jurisdiction=nowhere", status=404
    )


def test_what_is_new_is_what_came_after_it_was_read(browser, places, at):
    at(2026, 3, 1, 12)
    first()
    browser.sign_in(make_member())
    browser.post("/legislation/mark-read", page=FOLLOWING)
    assert "No measure matches" in browser.get("/legislation/?new=1")
    at(2026, 3, 1, 13)
    later()
    assert "HB 12" in browser.get("/legislation/?new=1")
    browser.post("/legislation/mark-read", page=FOLLOWING)
    assert "No measure matches" in browser.get("/legislation/?new=1")


def test_a_committee_sees_what_it_has_not_gone_through_since_the_last_news(browser, places, at):
    at(2026, 3, 1, 12)
    first()
    committee, person = (
        Committee(slug="policy", name="Policy committee", remit="Bills"),
        make_member(),
    )
    from_on = clock.now().date() - timedelta(days=9)
    save(CommitteeSeat(committee=committee, person=person, from_on=from_on))
    browser.sign_in(person)
    there = f"/legislation/{only().id}/reviewed/{committee.id}"
    assert "HB 12" in browser.get("/legislation/?unreviewed=1")
    browser.post(there, page=FOLLOWING)
    assert f"gone through by {person.display_name}" in browser.get(f"/legislation/{only().id}")
    assert "No measure matches" in browser.get("/legislation/?unreviewed=1")
    at(2026, 3, 1, 13)
    later()
    assert "HB 12" in browser.get("/legislation/?unreviewed=1")
    browser.post(f"/legislation/{only().id}/reviewed/{committee.id + 1}", page=FOLLOWING,
                 status=404)  # fmt: skip
