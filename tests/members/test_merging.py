"""Two records of one firm, or of one person, become one: nothing is lost, no address dies."""

import re
from datetime import date

import pytest
from sqlalchemy import CheckConstraint, UniqueConstraint, func, select

from portal.accounts import tokens
from portal.accounts.models import Person, SignIn
from portal.committees.models import Committee, CommitteeSeat
from portal.core import audit, merging
from portal.core.db import Model, db
from portal.core.merging import Merge, current_id, ids_of
from portal.core.money import Money
from portal.dues import actions as dues
from portal.dues import queries as dues_queries
from portal.dues.matching import Ground
from portal.dues.models import ApprovalKind, CardMandate, CreditReason, Invoice
from portal.members import actions, groups, queries
from portal.members import merging as members_merging
from portal.members.duplicates import firm_by_number, firm_under
from portal.members.groups import Change
from portal.members.models import (
    Affiliation,
    GroupBasis,
    Membership,
    MembershipClass,
    Organization,
    Term,
)
from portal.notices.actions import choose_pace, follow, follow_words, mark_read
from portal.notices.models import Often
from tests.dues.books import make_invoice
from tests.dues.statements import imported, moved, mt940
from tests.make import NOW, make_contact, make_firm, make_membership, make_person, save

HERS = "GB33BUKB20201555555555"


@pytest.fixture
def two(at):
    """Two records of one firm, of one group, each with people, dues and money of its own."""
    at(2026, 11, 22, 9)
    keep = make_firm(
        name="Molave Voice", registration_no="PH-1", website="https://molave.example",
        billing_email="ap@molave.example",
    )  # fmt: skip
    lose = make_firm(
        name="Molave Voice Inc.", registration_no="PH 1b", group=queries.group_of(keep.id),
        billing_email="dues@payer.example",
    )  # fmt: skip
    make_membership(keep, start=date(2026, 1, 1), end=date(2026, 12, 31))
    make_membership(lose, start=date(2024, 1, 1), end=date(2024, 12, 31))
    make_contact(keep, "delegate", "roster_manager", "dues_contact")
    make_contact(lose, "delegate", "dues_contact", display_name="Dele Gate")
    make_invoice(keep, total=100000)
    paid = make_invoice(lose, total=50000)
    staff = make_person("finance")
    dues.record_transfer(paid, Money(70000, "EUR"), date(2026, 11, 20), "bank", by=staff)
    make_invoice(lose, total=30000)
    db.session.commit()
    return keep.id, lose.id


def merged(two, **chosen):
    keep, lose = (db.session.get(Organization, number) for number in two)
    members_merging.merge_firms(keep, lose, chosen, "The same register entry")
    db.session.commit()


def test_who_pays_the_dues_of_one_is_asked_about_and_kept(two):
    keep, lose = (db.session.get(Organization, number) for number in two)
    lose.paid_by = {"name": "Ministry of Work", "email": "grants@ministry.example"}
    db.session.commit()
    (found,) = (one for one in members_merging.differences(keep, lose) if one.field == "paid_by")
    assert (found.kept, found.lost) == ("the firm itself", "Ministry of Work")
    merged(two, paid_by="lost")
    assert db.session.get(Organization, two[0]).paid_by["name"] == "Ministry of Work"


def refused(two):
    keep, lose = (db.session.get(Organization, number) for number in two)
    return " ".join(members_merging.firm_objections(keep, lose))


def books():
    """What must be the same before and after."""
    return {
        "balances": dues_queries.trial_balance(date(2030, 1, 1)),
        "invoices": db.session.scalar(select(func.count()).select_from(Invoice)),
        "owed": sum(one.total for one in dues_queries.aged_debt(date(2026, 11, 22))),
        "people": db.session.scalar(
            select(func.count(func.distinct(Affiliation.person_id))).where(
                Affiliation.until_on.is_(None)
            )
        ),
        "terms": db.session.scalar(select(func.count()).select_from(Term)),
    }


def test_merge_keeps_the_sums_of_the_ledger_the_invoices_the_people_and_the_terms(two):
    before = books()
    merged(two)
    assert books() == before
    assert list(dues_queries.ledger_faults()) == []
    assert list(audit.broken_links()) == []
    found = db.session.scalars(dues_queries.invoices(organization_id=two[0])).unique().all()
    assert len(found) == before["invoices"] == 3
    debts = dues_queries.aged_debt(date(2026, 11, 22))
    assert [(one.payer, one.total) for one in debts] == [("Molave Voice", 130000)]


def test_merge_leaves_nothing_that_may_change_behind(two):
    lose = two[1]
    merged(two)
    for table, column in merging._pointers(Organization):
        if not merging.stays(table.name) and table.name != "group_memberships":
            left = select(func.count()).select_from(table).where(column == lose)
            assert db.session.scalar(left) == 0, table.name
    made = db.session.scalars(select(Merge).filter_by(kind="organizations")).one()
    assert made.moved["invoices"] == 2
    assert made.moved["affiliations"] == 1


def kept_card_of(firm_id, number):
    person = db.session.scalars(select(Person).order_by(Person.id)).first()
    return save(CardMandate(
        organization_id=firm_id, consented_at=NOW, consented_by_id=person.id, text_version="1",
        customer_id=f"cus_{number}", payment_method_id=f"pm_{number}", brand="visa",
        last4="4242", expiry_month=12, expiry_year=2030, saved_at=NOW,
    ))  # fmt: skip


def test_the_card_of_the_firm_that_stays_pays_for_both(two):
    kept, lost = (kept_card_of(firm_id, firm_id).id for firm_id in two)
    merged(two)
    assert db.session.get(CardMandate, kept).revoked_at is None
    assert db.session.get(CardMandate, lost).revoked_at is not None
    assert sum(one.money.minor for one in dues_queries.coming_of(two[0])) == 130000


def test_a_card_of_the_firm_that_goes_is_kept_by_the_one_that_stays(two):
    lost = kept_card_of(two[1], 1)
    merged(two)
    assert dues_queries.kept_card(two[0]) is lost


def test_a_holder_who_paid_for_the_old_record_is_known_to_pay_for_the_one_that_stays(two):
    old = db.session.scalars(select(Invoice).filter_by(net_minor=30000)).one()
    (line,) = imported(mt940(moved("100.00", "Payer BV", "x", HERS)))
    dues.book(line, [(old, 10000)], Ground.HAND, "by hand")
    merged(two)
    (line,) = imported(mt940(moved("1000.00", "Payer BV", "y", HERS)))
    (only,) = dues_queries.proposals([line]).values()
    assert (only.ground, only.shares[0][1]) == (Ground.KNOWN_HOLDER, 100000)


def test_two_memberships_of_one_class_are_one_with_the_terms_of_both(two):
    merged(two)
    firm = db.session.scalars(
        queries.firm_with_terms().where(Organization.id == two[0])
    ).unique().one()  # fmt: skip
    live = next(one for one in firm.memberships if one.ended_on is None)
    assert [one.start_on.year for one in live.terms] == [2024, 2026]
    assert [one.sequence for one in live.terms] == [1, 2]
    assert live.since_on == date(2024, 1, 1)
    assert [one.end_reason for one in firm.memberships if one.ended_on] == ["merged"]


def test_the_delegate_of_the_firm_that_stays_is_the_delegate(two):
    merged(two)
    roles = {one.person.display_name: one.roles for one in queries.roster(two[0])}
    assert roles["Dele Gate"] == ["dues_contact"]
    assert sum("delegate" in one for one in roles.values()) == 1


def test_somebody_at_both_is_there_once_with_the_roles_of_both(two):
    person = make_person()
    for number, role in zip(two, ("staff", "signatory"), strict=True):
        save(Affiliation(person=person, organization_id=number, roles=[role],
                         from_on=date(2020, 1, 1)))  # fmt: skip
    merged(two)
    mine = [one for one in queries.roster(two[0]) if one.person_id == person.id]
    assert [one.roles for one in mine] == [["signatory", "staff"]]
    assert len(queries.all_affiliations(two[0])) == 4, "the closed one stays as history"


def test_the_old_address_leads_on_for_ever(browser, two):
    merged(two)
    browser.sign_in(make_person("admin"))
    answer = browser.send("GET", f"/staff/members/{two[1]}")
    assert (answer.status_code, answer.location) == (301, f"/staff/members/{two[0]}")
    page = browser.get(answer.location)
    assert f"Merged into it: Molave Voice Inc. (number {two[1]})" in page
    page = browser.get(f"/staff/dues/?organization={two[1]}")
    assert "3 invoices" in page
    third = make_firm(name="Molave", group=queries.group_of(two[0]))
    merged((third.id, two[0]))
    answer = browser.send("GET", f"/staff/members/{two[1]}")
    assert answer.location == f"/staff/members/{third.id}"
    assert ids_of(Organization, third.id) == {third.id, *two}
    assert "3 invoices" in browser.get(f"/staff/dues/?organization={third.id}")


def test_an_import_by_the_old_number_lands_on_the_firm_that_stays(two):
    merged(two)
    assert firm_under(two[1]).id == two[0]
    assert firm_by_number("PH", "ph-1B").id == two[0]
    assert firm_by_number("PH", "PH/1").id == two[0]
    assert firm_by_number("PH", "unknown") is None


def test_an_invitation_to_the_old_record_joins_the_one_that_stays(two):
    lose = db.session.get(Organization, two[1])
    by = make_person()
    actions.invite_colleague(lose, "new@test.example", "New One", ["staff"], by)
    db.session.commit()
    merged(two)
    person = db.session.scalars(select(Person).filter_by(email="new@test.example")).one()
    tokens.on_accept["firm"](person, {"organization_id": two[1], "roles": ["staff"]})
    assert queries.affiliation_of(person).organization_id == two[0]


def test_merge_and_an_import_by_number_send_no_mail(two, sent):
    before = len(sent())
    merged(two)
    assert firm_under(two[1]).id == two[0]
    assert len(sent()) == before


def test_the_register_and_the_directory_show_it_once(browser, two):
    merged(two)
    browser.sign_in(make_person("membership"))
    assert "Molave Voice Inc." not in browser.get("/staff/members/?q=Molave")
    assert browser.get("/directory/?q=Molave").count("Molave Voice") == 1


def test_the_people_of_the_firm_see_the_invoices_of_both(browser, two):
    merged(two)
    person = next(one.person for one in queries.roster(two[0]) if "delegate" in one.roles)
    browser.sign_in(person)
    page = browser.get("/firm/invoices")
    numbers = db.session.scalars(select(Invoice.number)).all()
    assert all(number in page for number in numbers)
    old = db.session.scalars(select(Invoice.id).filter_by(organization_id=two[1])).first()
    browser.get(f"/invoices/{old}")


def test_a_field_may_be_taken_from_the_record_that_goes(two):
    merged(two, name="lost", registration_no="lost")
    firm, gone = (db.session.get(Organization, number) for number in two)
    assert (firm.name, firm.registration_no) == ("Molave Voice Inc.", "PH 1b")
    assert gone.registration_no == "PH-1", "an import finds it by either number"
    assert firm.website == "https://molave.example"


def test_merge_refuses_two_terms_of_one_class_on_the_same_days(two):
    make_membership(
        db.session.get(Organization, two[1]), MembershipClass.TECHNOLOGY,
        start=date(2026, 6, 1), end=date(2027, 5, 31),
    )  # fmt: skip
    assert refused(two) == "", "another class is another membership"
    query = select(Membership).filter_by(organization_id=two[1], kind="provider_front")
    held = db.session.scalars(query).one()
    save(Term(membership=held, sequence=2, start_on=date(2026, 6, 1), end_on=date(2027, 5, 31),
              grace_until_on=date(2027, 6, 30), price_snapshot={}))  # fmt: skip
    assert "on the same days, from 2026-06-01 to 2026-12-31" in refused(two)


def test_merge_refuses_two_currencies_with_something_owed_in_each(two):
    other = make_firm(name="Molave", group=queries.group_of(two[0]))
    invoice = make_invoice(other, total=9900, currency="USD")
    assert "One owes in EUR, the other in USD" in refused((two[0], other.id))
    dues.credit(invoice, "A mistake")
    db.session.commit()
    assert refused((two[0], other.id)) == ""


def test_merge_refuses_firms_of_different_groups_until_the_change_is_recorded(two):
    other = make_firm(name="Molave Voice PH")
    assert "record first that Molave Voice PH belongs to" in refused((two[0], other.id))
    change = Change(queries.group_of(two[0]), date(2026, 11, 22), GroupBasis.REGISTRY, "Extract")
    groups.change_group(other, change)
    db.session.commit()
    assert refused((two[0], other.id)) == ""


def test_merge_refuses_another_country_itself_and_what_was_merged(two):
    abroad = make_firm(country="NL", group=queries.group_of(two[0]))
    assert "different countries" in refused((two[0], abroad.id))
    assert "the same record" in refused((two[0], two[0]))
    merged(two)
    assert "merged already" in refused(two)


def test_a_later_change_of_group_takes_the_old_number_along(two):
    merged(two)
    firm, into = db.session.get(Organization, two[0]), make_firm(name="Buyer")
    groups.change_group(
        firm, Change(queries.group_of(into.id), date(2026, 12, 1), GroupBasis.REGISTRY, "Gazette")
    )
    db.session.commit()
    for number in two:
        assert queries.group_of(number, date(2026, 12, 1)).id == queries.group_of(into.id).id
        assert queries.group_of(number).id != queries.group_of(into.id).id
    assert [one.name for one in groups.firms_in(queries.group_of(into.id).id)] == ["Buyer"]


def test_staff_merge_two_firms_with_what_moves_in_sight(browser, two):
    browser.sign_in(make_person("membership"))
    assert "name much the same" in browser.get("/staff/members/duplicates")
    url = f"/staff/members/{two[0]}/merge/{two[1]}"
    page = browser.get(url)
    assert all(
        words in page for words in ("Invoices", "Affiliations", "stays as written", "PH 1b")
    )
    facts = {"reason": "One register entry", "use-tax_id": "kept"}
    page = browser.post(url, status=200, **facts, typed="molave").text
    assert "Type the name as it stands" in page
    assert current_id(Organization, two[1]) == two[1]
    answer = browser.post(url, **facts, typed="Molave Voice Inc.", **{"use-name": "lost"})
    assert "its old address leads here" in browser.get(answer.location)
    assert current_id(Organization, two[1]) == two[0]
    assert db.session.get(Organization, two[0]).name == "Molave Voice Inc."
    assert "name much the same" not in browser.get("/staff/members/duplicates")


def test_staff_read_why_two_firms_cannot_be_merged(browser, two):
    other = make_firm(name="Molave Voice PH")
    browser.sign_in(make_person("membership"))
    url = f"/staff/members/{two[0]}/merge/{other.id}"
    assert "They are of different groups" in browser.get(url)
    page = browser.post(url, status=200, reason="Same", typed="Molave Voice PH").text
    assert "record first that" in page
    assert db.session.scalars(select(Merge)).all() == []


@pytest.fixture
def accounts(two):
    keep = make_person(display_name="Rosa Dizon", email="rosa@molave.example")
    lose = make_person(display_name="Rosa Dizon", email="r.dizon@gmail.example")
    for person, role in ((keep, "staff"), (lose, "signatory")):
        save(Affiliation(person=person, organization_id=two[0], roles=[role],
                         from_on=date(2020, 1, 1)))  # fmt: skip
    for person, subjects in ((keep, (1, 2)), (lose, (2, 3))):
        for subject in subjects:
            follow(person.id, "place", subject)
    for person, words in ((keep, "topic=tax"), (lose, "topic=labor")):
        follow_words(person.id, "measures", words)
        choose_pace(person.id, "measure", Often.DAILY)
        mark_read(person.id, "practice")
    db.session.commit()
    return keep, lose


def test_who_may_not_merge_is_offered_no_comparison(browser, two, accounts):
    for role, is_offered in (("membership", True), ("finance", False)):
        browser.sign_in(make_person(role))
        page = browser.get("/staff/members/duplicates")
        assert "name much the same" in page
        assert "same name at one firm" in page
        assert ("Compare" in page, "Side by side" in page) == (is_offered, is_offered)


def test_two_accounts_of_one_person_become_one(browser, another_browser, accounts, two):
    keep, lose = accounts
    wages = save(Committee(slug="wages", name="Wages", remit="To think."))
    for person in accounts:
        save(CommitteeSeat(committee=wages, person=person, from_on=date(2020, 1, 1)))
    another_browser.sign_in(lose)
    browser.sign_in(make_person("membership"))
    assert "same name at one firm" in browser.get("/staff/members/duplicates")
    url = f"/staff/members/people/{keep.id}/merge/{lose.id}"
    browser.post(url, reason="She has two", typed="r.dizon@gmail.example")
    assert [one.roles for one in queries.roster(two[0]) if one.person_id == keep.id] == [
        ["signatory", "staff"]
    ]
    assert another_browser.send("GET", "/account/").status_code == 302, "signed out"
    assert db.session.get(Person, lose.id).disabled_at
    assert current_id(Person, lose.id) == keep.id
    for name in (
        "affiliations", "follows", "committee_seats", "sign_ins", "mail_paces", "news_marks"
    ):  # fmt: skip
        table = Model.metadata.tables[name]
        left = select(func.count()).where(table.c.person_id == lose.id)
        assert db.session.scalar(left) == 0, name
    followed = Model.metadata.tables["follows"].c
    rows = db.session.execute(
        select(followed.subject_id, followed.words).where(followed.person_id == keep.id)
    )
    assert sorted(map(tuple, rows)) == [
        (0, "topic=labor"), (0, "topic=tax"), (1, ""), (2, ""), (3, "")
    ]  # fmt: skip
    held = db.session.scalars(select(CommitteeSeat).filter_by(until_on=None)).all()
    assert len(held) == 1
    assert (
        db.session.scalars(select(SignIn).filter_by(ended_at=None, person_id=keep.id)).all() == []
    )


def why_not(keep, lose):
    return " ".join(members_merging.person_objections(keep, lose))


@pytest.mark.parametrize("is_kept_first", [True, False])
def test_who_signed_one_money_act_as_two_people_cannot_become_one(
    browser, accounts, is_kept_first
):
    first, second = accounts if is_kept_first else reversed(accounts)
    facts = {"reason": "Closed", "kind": CreditReason.GOODWILL.value}
    invoice = db.session.scalars(select(Invoice)).first()
    asked = dues.propose(ApprovalKind.CREDIT, invoice, Money(900, "EUR"), facts, first)
    assert why_not(*accounts) == "", "what waits can still be decided by somebody else"
    dues.refuse(asked, "Too much", second)
    db.session.commit()
    keep, lose = accounts
    browser.sign_in(make_person("membership"))
    url = f"/staff/members/people/{keep.id}/merge/{lose.id}"
    words = f"One proposed and the other decided credit note {asked.id} of EUR 9.00"
    assert words in browser.get(url).replace("\N{NO-BREAK SPACE}", " ")
    page = browser.post(url, status=200, reason="She has two", typed=lose.email).text
    assert words in page.replace("\N{NO-BREAK SPACE}", " ")
    assert current_id(Person, lose.id) == lose.id


SETTLED = {  # what there may be once of a person or of a firm, and what a merge makes of two
    "affiliations": "one place with the roles of both", "approvals": "refused in words",
    "benchmark_answers": "one answer", "card_mandates": "one card",
    "checklist_helpers": "helps once", "feed_keys": "one key", "firm_domains": "the proven one",
    "follows": "follows once",
    "mail_paces": "the kept one's", "news_marks": "the kept one's",
    "group_memberships": "refused when the groups differ; both stay",
    "join_requests": "asks once", "memberships": "one with the terms of both",
    "practice_comments": "resolved by whoever stays", "practice_drafts": "the kept one's",
    "practice_reviews": "one review", "practice_votes": "one vote",
    "proposals": "an anonymous one points at nobody", "read_marks": "read once",
    "remarks": "asked once", "role_grants": "refused while staff", "stopped_mail": "stopped once",
    "vacancies": "one vacancy",
}  # fmt: skip


def test_every_rule_that_two_rows_of_one_could_break_is_settled_or_refused():
    """Who adds a constraint on whom something is about says here what a merge does with it."""
    merged = {Person.__tablename__, Organization.__tablename__}
    found = set()
    for table in Model.metadata.sorted_tables:
        pointers = {
            key.parent.name for key in table.foreign_keys if key.column.table.name in merged
        }
        ruled = [
            *({one.name for one in index.columns} for index in table.indexes if index.unique),
            *(
                {one.name for one in rule.columns}
                for rule in table.constraints if isinstance(rule, UniqueConstraint)
            ),
            *(
                set(re.findall(r"\w+", str(rule.sqltext)))
                for rule in table.constraints if isinstance(rule, CheckConstraint)
            ),
        ]  # fmt: skip
        if any(pointers & names for names in ruled):
            found.add(table.name)
    assert found == set(SETTLED)


def test_two_second_factors_are_not_merged_by_somebody_else(accounts):
    keep, lose = accounts
    keep.totp_enabled_at = lose.totp_enabled_at = NOW
    assert "Both have a second factor" in why_not(keep, lose)
    keep.totp_enabled_at = None
    assert "second factor must be the one that stays" in why_not(keep, lose)
    keep.totp_enabled_at, lose.totp_enabled_at = NOW, None
    assert why_not(keep, lose) == ""


def test_an_officer_cannot_merge_a_role_or_themselves_into_reach(browser, accounts):
    keep, _lose = accounts
    admin = make_person("admin")
    assert "has a staff role" in why_not(keep, admin)
    officer = browser.sign_in(make_person("membership"))
    url = f"/staff/members/people/{officer.id}/merge/{keep.id}"
    page = browser.post(url, status=200, reason="Mine", typed=keep.email).text
    assert "Nobody merges their own account" in page
