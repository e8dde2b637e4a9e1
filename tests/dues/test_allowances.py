"""What a membership includes beside seats: granted by its tariff, used, taken back, left."""

import json
import re
from datetime import date
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.states import Refused
from portal.dues import actions
from portal.dues.actions import Used
from portal.dues.firm_bundle import bundle_of_firm
from portal.dues.models import AllowanceUse
from portal.dues.pricing import quote
from portal.dues.queries.allowances import allowances_in, allowances_of, uses_in
from portal.members.models import MembershipClass, Term
from tests.dues.books import book, case, flat, make_tariff
from tests.dues.test_races import at_once
from tests.make import make_contact, make_firm, make_membership, make_person, save

PASSES = {"kind": "allowance", "classes": "*", "of": "event_passes", "granted": 4}
HOURS = {"kind": "allowance", "classes": ["recruiter"], "of": "room_hours", "granted": 20}
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
RULES = (flat(100000), PASSES, HOURS)


@pytest.fixture
def term(at):
    at(2026, 6, 10, 12)
    make_tariff(book=book(*RULES))
    return make_membership(start=YEAR[0], end=YEAR[1]).terms[-1]


def used(amount, of="event_passes", on=(2026, 6, 9), what_for="Winter forum", key="one"):
    return Used(of, amount, date(*on), what_for, key)


def use(term, *args, **facts):
    made = actions.use_allowance(term, used(*args, **facts))
    db.session.commit()
    return made


def counted(term):
    return [(one.of, one.granted, one.used, one.left) for one in allowances_in(term)]


def key_in(page):
    return re.search(r'name="page_key"[^>]*value="([^"]{16})"', page)[1]


def test_a_term_has_what_the_rules_of_its_class_grant_and_they_cost_nothing(term):
    assert counted(term) == [("event_passes", 4, 0, 4)]
    recruiter = make_membership(kind=MembershipClass.RECRUITER).terms[-1]
    assert counted(recruiter) == [("event_passes", 4, 0, 4), ("room_hours", 20, 0, 20)]
    lines = quote(book(*RULES), case(60)).lines
    assert [line.net for line in lines] == [100000]


def test_two_rules_of_one_name_grant_together(at):
    at(2026, 6, 10, 12)
    make_tariff(book=book(flat(1), PASSES, PASSES | {"granted": 2}))
    assert counted(make_membership().terms[-1]) == [("event_passes", 6, 0, 6)]


def test_what_is_used_is_counted_and_no_more_than_was_granted(term):
    use(term, 3)
    assert counted(term) == [("event_passes", 4, 3, 1)]
    with pytest.raises(Refused, match="1 of 4 left in this term"):
        actions.use_allowance(term, used(2, what_for="Summer forum"))
    use(term, 1, what_for="Summer forum")
    assert counted(term) == [("event_passes", 4, 4, 0)]


@pytest.mark.parametrize("on", [(2025, 12, 31), (2026, 6, 11)])
def test_no_day_before_the_term_and_none_to_come(term, on):
    with pytest.raises(Refused, match="a day of the term so far"):
        actions.use_allowance(term, used(1, on=on))


def test_what_the_class_does_not_have_cannot_be_used(term):
    with pytest.raises(Refused, match="does not include it"):
        actions.use_allowance(term, used(1, of="room_hours"))


def test_the_same_page_sent_again_records_it_once_and_a_new_page_twice(term):
    first = use(term, 1)
    assert use(term, 1).id == first.id
    use(term, 1, key="a colleague's")
    assert counted(term) == [("event_passes", 4, 2, 2)]
    for _twice in range(2):
        use(term, 1, key=None)
    assert counted(term) == [("event_passes", 4, 4, 0)], "without a name each is one of its own"


def test_what_was_not_used_after_all_is_taken_back_once(term):
    made = use(term, 3)
    for _twice in range(2):
        actions.take_back(made)
        db.session.commit()
    assert counted(term) == [("event_passes", 4, 0, 4)]
    assert list(uses_in([term])) == []
    assert use(term, 3).id != made.id, "the old page sent again records what it says"
    actions.take_back(uses_in([term])[0])
    undoing = db.session.scalars(select(AllowanceUse).filter_by(undoes_id=made.id)).one()
    actions.take_back(undoing)
    db.session.commit()
    assert counted(term) == [("event_passes", 4, 0, 4)], "a taking back is no use"


def test_the_next_term_begins_anew_by_its_own_tariff(term, at):
    use(term, 3)
    at(2027, 3, 5, 12)
    firm = term.membership.organization
    assert allowances_of(firm.id) == [], "its term is over"
    make_tariff(book=book(flat(100000), PASSES | {"granted": 9}, effective_from="2027-01-01"),
                effective_from=date(2027, 1, 1))  # fmt: skip
    later = make_membership(start=date(2027, 1, 1)).terms[-1]
    assert counted(later) == [("event_passes", 9, 0, 9)]
    assert counted(term) == [("event_passes", 4, 3, 1)], "the old one keeps what it was sold with"


def test_many_at_once_use_no_more_than_there_is(app, term):
    number = term.id

    def one(n):
        try:
            found = db.session.get_one(type(term), number)
            actions.use_allowance(found, used(1, what_for=f"Guest {n}"))
            db.session.commit()
        except Refused:
            db.session.rollback()
            return False
        return True

    assert sorted(at_once(app, 8, one)) == [False] * 4 + [True] * 4
    db.session.expire_all()
    assert counted(term) == [("event_passes", 4, 4, 0)]


def page_of(firm):
    return f"/staff/dues/allowances/{firm.id}"


def test_staff_record_what_was_used_and_take_it_back(browser, term):
    firm = term.membership.organization
    browser.sign_in(make_person("membership"))
    page = page_of(firm)
    assert f'href="{page}"' in browser.get(f"/staff/members/{firm.id}")
    asked = browser.post(page, page=page, what="", used_on="", status=200).text
    for words in ("Choose what was used", "Enter how many", "Enter the day", "Say what for"):
        assert words in asked
    told = {"what": f"{term.id}:event_passes", "used_on": "2026-06-09", "what_for": "Forum"}
    asked = browser.post(page, page=page, amount="5", status=200, **told).text
    assert "4 of 4 left in this term" in asked
    assert 'value="Forum"' in asked, "what was typed is kept"
    asked = browser.post(
        page, page=page, amount="1", status=200, **told | {"used_on": "2025-12-31"}
    )
    assert "from 2026-01-01 to 2026-06-10" in asked.text
    for amount in ("0", "-1", "two", "9" * 30):
        browser.post(page, page=page, amount=amount, status=200, **told)
    browser.post(page, page=page, amount="3", **told)
    assert counted(term) == [("event_passes", 4, 3, 1)]
    browser.post(page, page=page, amount="1", **told)
    assert counted(term) == [("event_passes", 4, 4, 0)], "the page was opened anew between"
    newest, made = uses_in([term])
    browser.post(f"{page}/uses/{newest.id}/back", page=page)
    browser.post(f"{page}/uses/{made.id}/back", page=page)
    assert counted(term) == [("event_passes", 4, 0, 4)]


def test_what_one_page_sends_twice_is_recorded_once_and_a_colleagues_page_beside_it(browser, term):
    browser.sign_in(make_person("membership"))
    page = page_of(term.membership.organization)
    mine, colleagues = (key_in(browser.get(page)) for _both in range(2))
    told = {"what": f"{term.id}:event_passes", "used_on": "2026-06-09", "what_for": "Forum"}
    for key in (mine, mine, colleagues, mine):
        browser.post(page, page=page, amount="1", page_key=key, **told)
    assert counted(term) == [("event_passes", 4, 2, 2)]
    browser.post(page, page=page, amount="2", page_key=mine, **told)
    assert counted(term) == [("event_passes", 4, 4, 0)], "gone back to and changed"
    asked = browser.post(page, page=page, amount="2", page_key=colleagues, status=200, **told).text
    assert key_in(asked) == colleagues, "a page that is asked again keeps its name"


def test_a_use_of_another_firm_is_not_found(browser, term):
    made = use(term, 1)
    other = make_membership(make_firm()).organization
    browser.sign_in(make_person("membership"))
    page = page_of(other)
    told = {"what": f"{term.id}:event_passes", "amount": "1", "used_on": "2026-06-09"}
    asked = browser.post(page, page=page, what_for="Forum", status=200, **told).text
    assert "Choose one of these" in asked
    browser.post(f"{page}/uses/{made.id}/back", page=page, status=404)
    assert counted(term) == [("event_passes", 4, 1, 3)]


def test_a_firm_sees_its_own_and_cannot_record(browser, term):
    firm = term.membership.organization
    use(term, 3)
    browser.sign_in(make_contact(firm, "roster_manager"))
    assert 'href="/firm/allowances"' in browser.get("/firm/")
    page = browser.get("/firm/allowances")
    for words in (
        "Event passes",
        "31\u00a0Dec\u00a02026</td>",
        "Winter forum",
        "9\u00a0Jun\u00a02026",
    ):
        assert words in page
    browser.get(page_of(firm), status=403)


def test_an_old_term_in_grace_can_still_be_put_right(browser, term, at):
    firm, membership = term.membership.organization, term.membership
    save(Term(
        membership=membership, sequence=2, start_on=date(2027, 1, 1), end_on=date(2027, 12, 31),
        grace_until_on=date(2028, 1, 30), renews_id=term.id, price_snapshot={},
    ))  # fmt: skip
    made = use(term, 1)
    at(2027, 1, 4, 12)
    browser.sign_in(make_person("membership"))
    page = page_of(firm)
    shown = browser.get(page)
    assert "(Front-office provider, 2026-01-01 to 2026-12-31): 3 of 4 left" in shown
    assert 'value="2027-01-04"' in shown
    browser.post(f"{page}/uses/{made.id}/back", page=page)
    told = {"what": f"{term.id}:event_passes", "amount": "2", "what_for": "Forum"}
    asked = browser.post(page, page=page, used_on="2027-01-04", status=200, **told).text
    assert "from 2026-01-01 to 2026-12-31" in asked
    browser.post(page, page=page, used_on="2026-12-30", **told)
    assert [one.left for one in allowances_of(firm.id)] == [4, 2]
    assert "Front-office provider, term from" not in browser.get(page), "one term has uses"


def test_a_firm_of_two_classes_sees_whose_each_is(browser, term):
    firm = term.membership.organization
    other = make_membership(firm, MembershipClass.RECRUITER, *YEAR).terms[-1]
    use(term, 1)
    use(other, 2)
    browser.sign_in(make_contact(firm, "dues_contact"))
    page = browser.get("/firm/allowances")
    for words in ("Front-office provider, 1", "Recruit", "Front-office provider, term from"):
        assert words in page


def test_the_archive_of_a_firm_has_what_was_granted_and_each_use(term):
    use(term, 3)
    with bundle_of_firm(term.membership.organization.id) as body, ZipFile(body) as archive:
        (kept,) = json.loads(archive.read("allowances.json"))
        (one,) = json.loads(archive.read("allowance_uses.json"))
    assert (kept["class"], kept["granted"], kept["used"]) == ("provider_front", 4, 3)
    assert (one["amount"], one["used_on"], one["what_for"]) == (3, "2026-06-09", "Winter forum")


def test_a_lapsed_firm_is_told_that_no_membership_runs(browser, term, at):
    firm = term.membership.organization
    contact = make_contact(firm, "dues_contact")
    at(2027, 3, 5, 12)
    browser.sign_in(contact)
    assert f"No membership of {firm.name} runs today" in browser.get("/firm/allowances")


def test_a_firm_of_another_tariff_is_told_that_nothing_is_counted(browser, at):
    at(2026, 6, 10, 12)
    make_tariff()
    firm = make_membership().organization
    browser.sign_in(make_contact(firm, "dues_contact"))
    assert "nothing else that is counted" in browser.get("/firm/allowances")
    browser.sign_in(make_person("membership"))
    assert "by a rule of the kind “Allowance”" in browser.get(page_of(firm))
