"""Tariffs written without JSON, tried out, adopted by a decision, and never changed after."""

import json
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal.core.audit import Transition
from portal.core.db import db
from portal.dues import queries
from portal.dues.models import DraftStatus, Tariff, TariffDraft
from portal.dues.pricing import quote, quote_file
from portal.dues.rule_kinds import KINDS, Unreadable, read_book, row_faults
from portal.members.models import Decision
from tests.dues.books import FEE, KSF, SEATS, book, case, flat, make_tariff
from tests.make import make_person, save
from tests.test_commands import Portal

NOBODY_DECIDED = {"decision": "0", "body": "board", "text": ""}


@pytest.fixture
def finance(browser, at):
    at(2026, 6, 1)
    return browser.sign_in(make_person("finance"))


def make_draft(the_book=None, **facts):
    defaults = {
        "code": "2027", "currency": "EUR", "effective_from": date(2027, 1, 1),
        "explanation": "Dues pay for the work.", "book": the_book or book(), "prior": None,
        "made_at": make_person().created_at, "status": DraftStatus.DRAFT,
    }  # fmt: skip
    return save(TariffDraft(**defaults | facts))


def adopt(browser, draft, status=303, **facts):
    data = {**NOBODY_DECIDED, "decided_on": "2026-05-20", "title": "Tariff 2027 adopted"} | facts
    return browser.post(f"/staff/dues/tariffs/draft/{draft.id}/adopt", status=status, **data)


def test_a_copy_is_a_draft_and_becomes_the_tariff_of_later_terms_by_a_decision(browser, finance):
    first = make_tariff()
    browser.post(
        f"/staff/dues/tariffs/adopted/{first.id}/copy",
        page=f"/staff/dues/tariffs/adopted/{first.id}",
    )
    draft = db.session.scalars(select(TariffDraft)).one()
    head = {
        "code": "2027", "currency": "EUR", "effective_from": "2027-01-01", "period": "fixed",
        "start": "01-01", "proration": "days", "tax_percent": "21", "group": "each_entity",
        "cap": "1/10",
    }  # fmt: skip
    browser.post(f"/staff/dues/tariffs/draft/{draft.id}/head", **head)
    assert queries.current_tariff(date(2027, 6, 1)).id == first.id  # a draft prices nothing
    adopt(browser, draft)
    made = queries.current_tariff(date(2027, 6, 1))
    assert (made.code, made.decision.body, made.book["cap"]) == ("2027", "board", "1/10")
    assert made.book["rules"] == first.book["rules"]
    assert queries.current_tariff(date(2026, 12, 31)).id == first.id
    moved = db.session.scalars(select(Transition).filter_by(subject=f"tariffdraft:{draft.id}"))
    assert moved.one().new == "adopted"
    assert "By the board on" in browser.get(f"/staff/dues/tariffs/adopted/{made.id}")


def test_a_decision_of_the_register_can_be_named(browser, finance):
    draft = make_draft()
    decision = save(Decision(body="general meeting", decided_on=date(2026, 4, 1), title="Prices",
                             text=""))  # fmt: skip
    adopt(browser, draft, decision=str(decision.id), decided_on="", title="")
    assert db.session.scalars(select(Tariff)).one().decision_id == decision.id


def test_no_tariff_begins_before_its_decision_or_on_the_day_of_another(browser, finance):
    draft = make_draft(effective_from=date(2026, 1, 1))
    assert "never before" in adopt(browser, draft, status=200).text
    make_tariff(effective_from=date(2027, 1, 1))
    second = make_draft(code="2027b")
    assert "begins on that day already" in adopt(browser, second, status=200).text
    assert "not in the future" in adopt(browser, second, status=200, decided_on="2026-06-02").text
    assert "Enter a title" in adopt(browser, second, status=200, title="").text
    assert "prices nothing" in adopt(browser, make_draft(book(rules=[])), status=200).text
    db.session.rollback()
    assert db.session.scalars(select(Decision)).all()[0].title == "Tariff"
    assert len(db.session.scalars(select(Tariff)).all()) == 1


@pytest.mark.parametrize("change", ["UPDATE tariffs SET code = 'x'", "DELETE FROM tariffs"])
def test_the_database_itself_keeps_an_adopted_tariff_as_it_is(app, change):
    make_tariff()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(change))


def test_a_withdrawn_draft_is_read_and_not_written(browser, finance):
    draft = make_draft()
    url = f"/staff/dues/tariffs/draft/{draft.id}"
    browser.post(f"{url}/withdraw", reason="The meeting said no.")
    assert "Withdrawn" in browser.get(url)
    for page in ("head", "explanation", "rules/flat", "rules/0/edit", "adopt", "withdraw"):
        browser.get(f"{url}/{page}", status=404)


RULES = {
    "flat": {"amount": "1,209.00"},
    "bands": {"metric": "headcount", "rounding": "half_up", "bands-0-low": "1",
              "bands-0-high": "25", "bands-0-price": "1,209.00", "bands-1-low": "26"},
    "per_unit": {"metric": "headcount", "rounding": "none", "price": "9.50", "min": "100"},
    "base_plus": {"metric": "headcount", "rounding": "none", "base": "500", "included": "10",
                  "price": "7", "min": "550", "max": "900"},
    "graduated": {"metric": "headcount", "rounding": "none", "tiers-0-low": "0",
                  "tiers-0-high": "10", "tiers-0-price": "5", "tiers-1-low": "10",
                  "tiers-1-price": "4", "max": "800"},
    "volume": {"metric": "headcount", "rounding": "none", "tiers-0-low": "0",
               "tiers-0-price": "5", "min": "100"},
    "joining_fee": {"amount": "0"},
    "reinstatement_fee": {"amount": "100"},
    "chapter_fee": {"chapter": "north", "amount": "50", "is_prorated": "y"},
    "levy": {"amount": "30", "decision": "GM 2026-04"},
    "donation": {},
    "seats": {"included": "5", "price": "95"},
    "kept_price": {"amount": "900", "if": "founders", "until": "2028-12-31"},
    "discount": {"percent": "25", "if": "sme", "until": "2028-12-31", "decision": "GM 7",
                 "is_on_top": "y"},
    "early_payment": {"percent": "5", "days": "14", "is_on_top": "y", "until": "2028-12-31"},
    "trial": {"months": "6", "amount": "495"},
    "allowance": {"of": "event_passes", "granted": "4"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_rule_is_written_in_a_form_and_read_again_unchanged(browser, finance, kind):
    draft = make_draft(book(rules=[]))
    url = f"/staff/dues/tariffs/draft/{draft.id}"
    browser.post(f"{url}/rules/{kind}", classes=["provider_front"], **RULES[kind])
    db.session.refresh(draft)
    (rule,) = draft.book["rules"]
    assert (rule["kind"], rule["classes"]) == (kind, ["provider_front"])
    assert read_book(draft.whole_book)["rules"] == [rule]
    browser.get(url)
    browser.post(f"{url}/rules/0/edit", classes=["provider_front"], **RULES[kind])
    db.session.refresh(draft)
    assert draft.book["rules"] == [rule]
    browser.post(f"{url}/rules/0/remove")
    db.session.refresh(draft)
    assert draft.book["rules"] == []


def test_amounts_become_minor_units_and_bands_keep_what_nobody_decided(browser, finance):
    draft = make_draft(book(rules=[]))
    browser.post(f"/staff/dues/tariffs/draft/{draft.id}/rules/bands", **RULES["bands"])
    db.session.refresh(draft)
    assert draft.book["rules"][0] == {
        "kind": "bands", "classes": "*", "metric": "headcount", "rounding": "half_up",
        "bands": [[1, 25, 120900], [26, None, None]],
    }  # fmt: skip


@pytest.mark.parametrize(("rows", "words"), [
    ({"bands-0-low": "1", "bands-0-high": "25", "bands-1-low": "27"}, "leaves a gap after 25"),
    ({"bands-0-low": "1", "bands-0-high": "25", "bands-1-low": "20"}, "overlaps the row above"),
    ({"bands-0-low": "1", "bands-1-low": "26"}, "The row above has no end"),
    ({"bands-0-low": "9", "bands-0-high": "5"}, "before it begins at 9"),
    ({"bands-0-low": "many"}, "Enter a number"),
    ({"bands-0-high": "5"}, "Enter where it begins"),
    ({"bands-0-low": "1", "bands-0-price": "dear"}, "Enter an amount"),
    ({"bands-0-low": "1", "bands-0-price": "-5"}, "not below zero"),
    ({"bands-0-low": ""}, "Enter one row at least"),
])  # fmt: skip
def test_a_fault_in_a_table_is_told_at_its_row(browser, finance, rows, words):
    draft = make_draft(book(rules=[]))
    url = f"/staff/dues/tariffs/draft/{draft.id}/rules/bands"
    answer = browser.post(url, status=200, metric="headcount", rounding="none", **rows)
    assert "There is a problem" in answer.text
    assert words in answer.text
    db.session.refresh(draft)
    assert draft.book["rules"] == []


def test_more_rows_are_given_and_nothing_typed_is_lost(browser, finance):
    draft = make_draft(book(rules=[]))
    url = f"/staff/dues/tariffs/draft/{draft.id}/rules/bands"
    few = browser.get(url).count('aria-label="Price"')
    answer = browser.post(url, status=200, rows="more", **RULES["bands"]).text
    assert answer.count('aria-label="Price"') >= few + 3
    assert 'value="1,209.00"' in answer


def test_a_discount_is_a_percentage_or_an_amount_and_seats_have_a_price(browser, finance):
    draft = make_draft(book(rules=[]))
    url = f"/staff/dues/tariffs/draft/{draft.id}/rules"
    assert "or: or an amount" in browser.post(f"{url}/discount", status=200).text
    assert "or by tiers" in browser.post(f"{url}/seats", status=200, included="5").text
    for endless in ("1e999999999", "1e9_9_9_9_9_9_9_9", "101"):
        answer = browser.post(f"{url}/discount", status=200, percent=endless).text
        assert "Enter a number" in answer, endless


def test_rows_are_open_below_and_closed_above():
    assert row_faults([(1, 25), (25, 50), (51, None)]) == {}
    assert list(row_faults([(1, 25), ("25.5", 50), ("51.5", None)])) == [2]


def test_the_export_is_what_portal_quote_reads_and_what_the_import_takes(
    browser, finance, tmp_path
):
    made = make_tariff(book=book(*book()["rules"], FEE, SEATS, flat(52300, "consultant")))
    text_of = browser.get(f"/staff/dues/tariffs/adopted/{made.id}.json").decode()
    told = json.loads(text_of)
    assert told["tariff"] == made.whole_book
    assert {one["id"] for one in told["cases"]} == {"provider_front", "consultant"}
    file = tmp_path / "export.json"
    file.write_text(text_of)
    answer = json.loads(Portal(tmp_path).run("quote", file))
    assert answer == quote_file(told)
    assert {one["id"]: one["net"] for one in answer["cases"]} == {
        "provider_front": 241800 + 25000, "consultant": 52300 + 25000,
    }  # fmt: skip
    browser.post("/staff/dues/tariffs/import", text=text_of)
    draft = db.session.scalars(select(TariffDraft)).one()
    assert draft.whole_book == made.whole_book


def broken(**facts):
    return json.dumps(book() | facts)


@pytest.mark.parametrize(("told", "words"), [
    pytest.param("[" * 100_000, "without end", id="lists"),
    pytest.param('{"period":' * 990 + "1" + "}" * 990, "without end", id="objects"),
    ("{", "not JSON"), ("[]", "no tariff"), ("{}", "no tariff"),
    (broken(code=""), "no code"), (broken(currency="XXY"), "not a currency"),
    (broken(effective_from="soon"), "cannot be read"), (broken(period={}), "fixed or anniversary"),
    (broken(proration="weeks"), "not known"), (broken(rules=[{"kind": "guess"}]), "no known kind"),
    (broken(rules=[flat(5, "nobody")]), "not known"), (broken(rules=[flat("5")]), "no amount"),
    (broken(rules=[{"kind": "flat", "classes": "*"}]), "does not say: amount"),
    (broken(rules=[{"kind": "bands", "classes": "*", "metric": "m",
                    "bands": [[1, 5, 1], [9, None, 1]]}]), "gap"),
    (broken(rules=[{"kind": "seats", "classes": "*", "included": 5}]), "no price of a seat"),
    (broken(group={"kind": "affiliate_share"}), "cannot be read"),
    (broken(period={"kind": "fixed", "start": "13-01"}), "cannot be read"),
    (broken(rules=[book()["rules"][0] | {"metric": "a b"}]), "no counted by"),
    (broken(rules=[3]), "no known kind"), (broken(cap="all"), "cannot be read"),
])  # fmt: skip
def test_a_book_that_cannot_be_read_is_refused_in_a_sentence(browser, finance, told, words):
    answer = browser.post("/staff/dues/tariffs/import", status=200, text=told).text
    assert words in answer
    assert not db.session.scalars(select(TariffDraft)).all()


def test_what_the_books_of_the_tests_say_can_be_read():
    assert read_book(book(*book()["rules"], FEE, SEATS))["rules"][0]["bands"] == KSF
    with pytest.raises(Unreadable):
        read_book({"rules": "all"})


def test_a_new_tariff_is_begun_from_nothing(browser, finance):
    browser.post(
        "/staff/dues/tariffs/new", code="2027", currency="KWD", effective_from="2027-01-01",
        period="anniversary", months="24", proration="schedule", tax_percent="0",
        group="affiliate_share", group_percent="50",
        schedule="\n".join(f"{month}: 1/{month}" for month in range(1, 13)),
    )  # fmt: skip
    draft = db.session.scalars(select(TariffDraft)).one()
    for page in ("", "/preview", "/what-if", ".json"):
        browser.get(f"/staff/dues/tariffs/draft/{draft.id}{page}")
    assert draft.book["period"] == {"kind": "anniversary", "months": 24}
    assert draft.book["schedule"]["7"] == "1/7"
    assert draft.book["group"] == {"kind": "affiliate_share", "percent": "50"}
    assert "affiliates 50 %" in browser.get(f"/staff/dues/tariffs/draft/{draft.id}")
    page = browser.get(f"/staff/dues/tariffs/draft/{draft.id}/head")
    assert "7: 1/7" in page


@pytest.mark.parametrize(("facts", "words"), [
    ({"currency": "EURO"}, "Enter a currency"), ({"cap": "3/2"}, "less than everything"),
    ({"cap": "a lot"}, "Enter a share"), ({"start": "13-01"}, "Enter it like 01-01"),
    ({"proration": "schedule", "schedule": "1: 1"}, "all twelve months"),
    ({"schedule": "x"}, "a line for each month"), ({"group": "affiliate_share"}, "the others pay"),
])  # fmt: skip
def test_a_head_that_makes_no_sense_is_refused_at_the_field(browser, finance, facts, words):
    good = {
        "code": "2027", "currency": "EUR", "effective_from": "2027-01-01", "period": "fixed",
        "proration": "days", "tax_percent": "0", "group": "each_entity",
    }  # fmt: skip
    assert words in browser.post("/staff/dues/tariffs/new", status=200, **good | facts).text


def test_a_case_is_priced_with_a_change_inside_its_term(browser, finance):
    made = make_tariff()
    args = ("kind=provider_front&now_contact_centre_fte=60&joined_on=2026-08-17&seats=0"
            "&change_on=2026-12-01&then_contact_centre_fte=130")  # fmt: skip
    page = browser.get(f"/staff/dues/tariffs/adopted/{made.id}/preview?{args}")
    same = case(60, joined_on="2026-08-17", changes=[
        {"on": "2026-12-01", "metrics": {"contact_centre_fte": 130}}])  # fmt: skip
    assert f"{quote(made.whole_book, same).total / 100:,.2f}" in page
    assert "change on 1 Dec 2026" in page
    late = browser.get(f"/staff/dues/tariffs/adopted/{made.id}/preview?kind=provider_front"
                       "&joined_on=2026-08-17")  # fmt: skip
    assert "that number is missing" in late
    browser.get(f"/staff/dues/tariffs/adopted/{made.id}/preview")


def test_the_explanation_is_written_for_the_public(browser, finance):
    draft = make_draft()
    url = f"/staff/dues/tariffs/draft/{draft.id}"
    browser.post(f"{url}/explanation", explanation="Two meetings.", exit="Before September.")
    db.session.refresh(draft)
    assert draft.explanation == "Two meetings."
    assert draft.book["public"] == {"exit": "Before September."}
    assert "Before September." in browser.get(url)


def test_who_only_reads_dues_writes_no_tariff(browser):
    browser.sign_in(make_person("membership"))
    made, draft = make_tariff(), make_draft()
    assert "Copy into a draft" not in browser.get(f"/staff/dues/tariffs/adopted/{made.id}")
    assert "Adopt by decision" not in browser.get(f"/staff/dues/tariffs/draft/{draft.id}")
    browser.get(f"/staff/dues/tariffs/draft/{draft.id}/adopt", status=403)
