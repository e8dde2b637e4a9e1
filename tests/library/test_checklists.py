"""A firm fills a checklist over many visits, keeps it to itself, and takes it along."""

import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import func, select

from portal.core import jobs, sheets
from portal.core.access import Role
from portal.core.db import db
from portal.core.files import UnknownFile, store
from portal.core.mail import OutgoingMail
from portal.core.states import Refused
from portal.library import leavers, runs, word
from portal.library.actions import revise
from portal.library.checklist_files import pdf, to_csv
from portal.library.checklists import change, items, progress
from portal.library.jobs import let_checklists_go
from portal.library.models import Answer, ChecklistAnswer, ChecklistHelper, ChecklistRun
from portal.library.runs import Said
from portal.members.actions import leave
from portal.members.merging import merge_people
from portal.members.models import CorporateGroup, GroupBasis, GroupMembership
from portal.members.queries import affiliation_of
from tests import papers
from tests.make import make_contact, make_firm, make_member, make_membership, make_person, save
from tests.people import make_practice

BODY = """## Before

- [ ] Is there a map?
  - [ ] Is it dated?
- [ ] Is there a bus?

## After

1. [ ] Is there a map?
2. Not a task
"""


def words(found):
    return [(one.section, one.text) for one in found]


def test_items_are_the_tasks_in_order_under_their_headings():
    assert words(items(BODY)) == [
        ("Before", "Is there a map?"), ("Before", "Is it dated?"), ("Before", "Is there a bus?"),
        ("After", "Is there a map?"),
    ]  # fmt: skip
    assert items("No task here.") == ()


def test_an_edited_sibling_loses_no_answer_and_alike_items_stay_apart():
    before, after = items(BODY), items(BODY.replace("a bus?", "a bus at night?"))
    assert [a.key == b.key for a, b in zip(before, after, strict=True)] == [
        True,
        True,
        False,
        True,
    ]
    twice = items("- [ ] Again\n- [ ] Again\n")
    assert twice[0].key != twice[1].key


@given(st.lists(st.sampled_from(["A", "B", "C", "[x] D", "# E", "*F*"]), max_size=12))
def test_keys_are_always_unique(lines):
    found = items("\n".join(f"- [ ] {one}" for one in lines))
    assert len({one.key for one in found}) == len(found)


def test_progress_counts_no_among_the_answered():
    found = items(BODY)
    said = dict(zip([one.key for one in found], ["yes", "no", "open", "na"], strict=True))
    assert progress(found, said | {"gone": "no"}).words == "3 of 4, 1 no"
    assert progress(found, {}).words == "0 of 4"


def test_a_new_version_keeps_rewords_adds_and_drops():
    later = BODY.replace("a bus?", "a bus at night?").replace("  - [ ] Is it dated?\n", "")
    later = later.replace("## After", "- [ ] Who drives the last one home?\n\n## After")
    found = change(items(BODY), items(later))
    assert len(found.kept) == 2
    assert [(a.text, b.text) for a, b in found.reworded] == [
        ("Is there a bus?", "Is there a bus at night?")
    ]
    assert [one.text for one in found.new] == ["Who drives the last one home?"]
    assert [one.text for one in found.gone] == ["Is it dated?"]


@pytest.fixture
def practice():
    made = make_practice("bus-check")
    revise(made, {}, BODY, "As a list", make_person())
    db.session.commit()
    return made


@pytest.fixture
def rosa():
    return make_member(firm=make_firm(name="Acacia Care"), display_name="Rosa Dizon")


def firm_of(person):
    return affiliation_of(person).organization


def begin(practice, person, title="Cebu"):
    run = runs.start(practice, firm_of(person), title, person)
    db.session.commit()
    return run


def keys(run):
    return [one.key for one in runs.items_of(run)]


def form(run, **said):
    """What a page with nothing answered sends, where `said` was filled in: yes_1="answer"…"""
    sent = {f"{key}-seen": Said().mark for key in keys(run)}
    for name, value in said.items():
        what, _, number = name.partition("_")
        sent[f"{keys(run)[int(number)]}-{what}"] = value
    return sent


@pytest.mark.view
def test_a_member_begins_fills_comes_back_and_finds_it_again(browser, practice, rosa):
    browser.sign_in(rosa)
    assert "Fill this checklist" in browser.get("/library/bus-check")
    browser.post("/library/bus-check/checklist", title="Cebu, March")
    run = db.session.scalars(select(ChecklistRun)).one()
    page = f"/firm/checklists/{run.id}"
    browser.post(page, **form(run, answer_0="yes", answer_2="no", note_2="Not after ten",
                              due_2="2026-12-01", owner_2=str(rosa.id)))  # fmt: skip
    text = browser.get(page)
    assert "2 of 4, 1 no" in text
    assert "Not after ten" in text
    assert "2 of 4, 1 no" in browser.get("/firm/checklists/")
    answers = runs.answers_of(run)
    assert len(answers) == 2  # what was left alone has no row
    assert answers[keys(run)[2]].due_on == date(2026, 12, 1)


@pytest.mark.view
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"due_1": "soon"}, "Enter the day it is due"),
        ({"answer_1": "maybe"}, "Choose yes, no, not applicable or open"),
        ({"note_1": "x" * 2001}, "Use 2,000 characters or fewer"),
        ({"owner_1": "999999"}, "Choose somebody who fills this checklist"),
    ],
)
def test_a_fault_is_told_at_its_item_and_the_others_are_kept(browser, practice, rosa, wrong, said):
    browser.sign_in(rosa)
    run = begin(practice, rosa)
    sent = form(run, answer_0="yes", **wrong)
    answer = browser.post(f"/firm/checklists/{run.id}", status=200, **sent)
    assert said in answer.text
    assert "Error: Cebu" in answer.text
    if "due_1" in wrong:
        assert 'value="soon"' in answer.text  # what was typed is not lost
    assert list(runs.answers_of(run)) == [keys(run)[0]]


@pytest.mark.view
def test_two_at_once_do_not_overwrite_each_other(browser, practice, rosa):
    run = begin(practice, rosa)
    nia = make_contact(firm_of(rosa), display_name="Nia Reyes")
    runs.settle(run, "Cebu", rosa.id, [nia.id])
    runs.say(run, runs.items_of(run)[0], Said(Answer.NO, "Lost"), nia)
    db.session.commit()
    browser.sign_in(rosa)  # her page is older than that
    answer = browser.post(f"/firm/checklists/{run.id}", status=200,
                          **form(run, answer_0="yes", answer_1="yes"))  # fmt: skip
    assert "Nia Reyes changed this meanwhile to: no" in answer.text
    kept = {key: one.answer for key, one in runs.answers_of(run).items()}
    assert kept == {keys(run)[0]: Answer.NO, keys(run)[1]: Answer.YES}


@pytest.mark.view
def test_one_answer_alone_is_kept_and_answered_with_a_fragment(browser, practice, rosa):
    browser.sign_in(rosa)
    run = begin(practice, rosa)
    key, _ = keys(run)[3], browser.get(f"/firm/checklists/{run.id}")
    sent = {f"{key}-seen": Said().mark, f"{key}-answer": "na", "csrf_token": browser.token}
    url = f"/firm/checklists/{run.id}"
    answer = browser.send("POST", url, data=sent, headers={"HX-Request": "true"})
    assert "<h1" not in answer.text
    assert "Kept." in answer.text
    assert "1 of 4" in answer.text
    assert f'name="{key}-seen" value="{Said(Answer.NA).mark}"' in answer.text


@pytest.mark.view
def test_colleagues_read_helpers_fill_others_and_staff_see_nothing(browser, practice, rosa):
    run = begin(practice, rosa)
    colleague = make_contact(firm_of(rosa), display_name="Ben Cruz")
    page = f"/firm/checklists/{run.id}"
    browser.sign_in(colleague)
    assert 'name="csrf_token"' not in browser.get(page).split("<main")[1].split("</main")[0]
    browser.post(page, status=409, page="/firm/checklists/", **form(run, answer_0="yes"))
    browser.get(f"{page}/delete", status=409)
    runs.settle(run, "Cebu", rosa.id, [colleague.id])
    db.session.commit()
    browser.post(page, **form(run, answer_0="yes"))
    for stranger in (make_member(), make_person(Role.EDITOR), make_person(Role.ADMIN)):
        browser.sign_in(stranger)
        expected = 404 if stranger.grants == [] else 403
        browser.get(page, status=expected)
        browser.get(f"{page}/csv", status=expected)


@pytest.mark.view
def test_somebody_of_a_sister_firm_sees_it_when_chosen_and_the_sisterhood_is_confirmed(
    browser, practice, rosa
):
    run = begin(practice, rosa)
    group = db.session.scalars(
        select(CorporateGroup).join(GroupMembership).where(
            GroupMembership.organization_id == run.organization_id)
    ).one()  # fmt: skip
    sister = make_member(firm=make_firm(name="Acacia Jamaica", group=group))
    browser.sign_in(sister)
    page = f"/firm/checklists/{run.id}"
    browser.get(page, status=404)
    runs.settle(run, "Cebu", rosa.id, [sister.id])
    db.session.commit()
    browser.post(page, **form(run, answer_0="yes"))
    held = db.session.scalars(
        select(GroupMembership).filter_by(organization_id=firm_of(sister).id)
    ).one()
    held.basis = GroupBasis.STAFF  # found by staff: neither firm knows of it
    db.session.commit()
    browser.get(page, status=404)
    with pytest.raises(Refused, match="firm of the same owner"):
        runs.settle(run, "Cebu", rosa.id, [sister.id])


@pytest.mark.view
def test_who_left_the_firm_sees_it_no_more_and_a_colleague_takes_it_over(browser, practice, rosa):
    run = begin(practice, rosa)
    page, colleague = f"/firm/checklists/{run.id}", make_contact(firm_of(rosa))
    browser.sign_in(colleague)
    browser.post(f"{page}/take-over", status=409, page=page)
    leave(affiliation_of(rosa))
    db.session.commit()
    assert "Rosa Dizon, who owns this checklist, has left" in browser.get(page)
    browser.post(f"{page}/take-over", page=page)
    browser.post(page, **form(run, answer_0="yes"))
    assert runs.answers_of(run)[keys(run)[0]].changed_by_id == colleague.id
    browser.sign_in(rosa)
    browser.get(page, status=403)  # she works nowhere
    make_contact_of = make_member()
    browser.sign_in(make_contact_of)
    browser.get(page, status=404)


@pytest.mark.view
def test_two_renamed_alike_stay_two(browser, practice, rosa):
    browser.sign_in(rosa)
    one, two = begin(practice, rosa, "North"), begin(practice, rosa, "South")
    for run in (one, two):
        browser.post(f"/firm/checklists/{run.id}/people", title="Cebu", owner=str(rosa.id))
    browser.post(f"/firm/checklists/{one.id}", **form(one, answer_0="yes", answer_1="yes"))
    assert runs.progress_of([one, two])[two.id].done == 0
    listed = browser.get("/firm/checklists/")
    assert f"no. {one.id}" in listed
    assert f"no. {two.id}" in listed
    names = [
        browser.send("GET", f"/firm/checklists/{run.id}/csv").headers["Content-Disposition"]
        for run in (one, two)
    ]
    assert names[0] != names[1]


@pytest.mark.view
def test_it_stays_on_its_version_until_it_goes_over_with_the_diff_in_sight(
    browser, practice, rosa
):
    browser.sign_in(rosa)
    run = begin(practice, rosa)
    found = runs.items_of(run)
    for item in found:
        runs.say(run, item, Said(Answer.YES, item.text), rosa)
    db.session.commit()
    page = f"/firm/checklists/{run.id}"
    assert "go over" not in browser.get(page)
    later = BODY.replace("Is there a bus?", "Is there a bus at night?").replace(
        "  - [ ] Is it dated?\n", ""
    )
    revise(practice, {}, later, "Night", make_person())
    db.session.commit()
    assert "Is there a bus?" in browser.get(page)
    assert "go over" in browser.get(page)
    offer = browser.get(f"{page}/newer")
    assert "<ins>Is there a bus at night?</ins>" in offer
    assert "<del>Is it dated?</del>" in offer
    new = {one.text: one.key for one in runs.items_at(practice.id, practice.version)}
    browser.post(f"{page}/newer", carry=new["Is there a bus at night?"])
    assert run.version == practice.version
    assert runs.progress_of([run])[run.id].words == "3 of 3"
    text = browser.get(page)
    assert "Answered in an earlier version" in text
    assert "Is it dated?" in text
    assert "Not in this version any more" in to_csv([run])
    browser.get(f"{page}/newer", status=404)


def test_going_over_without_the_carry_leaves_the_new_question_open(practice, rosa):
    run = begin(practice, rosa)
    bus = runs.items_of(run)[2]
    runs.say(run, bus, Said(Answer.YES), rosa)
    revise(practice, {}, BODY.replace("a bus?", "a bus at night?"), "Night", make_person())
    db.session.commit()
    runs.go_over(run, practice.version, {})
    assert runs.progress_of([run])[run.id].words == "0 of 4"
    assert runs.answers_of(run)[bus.key].answer is Answer.YES  # kept with the run


def test_exports_say_all_of_it_and_a_formula_is_only_text(practice, rosa):
    run = begin(practice, rosa)
    runs.say(run, runs.items_of(run)[0], Said(Answer.NO, "=1+1", rosa.id, date(2026, 12, 1)), rosa)
    db.session.commit()
    rows = sheets.read(to_csv([run]).encode())
    assert rows[1][3:9] == ["Before", "Is there a map?", "No", "'=1+1", "Rosa Dizon", "2026-12-01"]
    assert [row[5] for row in rows[2:]] == ["Open"] * 3


def text_of(body):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


@pytest.mark.slow
def test_the_paper_has_the_answers_or_empty_boxes(practice, rosa):
    run = begin(practice, rosa)
    runs.say(run, runs.items_of(run)[0], Said(Answer.NO, "#Lost *it*"), rosa)
    db.session.commit()
    filled, empty = text_of(pdf(run)), text_of(pdf(run, empty=True))
    assert "#Lost *it*" in filled
    assert "1 of 4, 1 no" in filled
    assert "Lost" not in empty
    assert empty.count("Not applicable") == 4


@pytest.mark.view
def test_the_word_document_has_answers_notes_and_what_is_open(browser, practice, rosa):
    browser.sign_in(rosa)
    run = begin(practice, rosa)
    runs.say(run, runs.items_of(run)[0], Said(Answer.NO, "Lost\n=1+1"), rosa)
    db.session.commit()
    page = f"/firm/checklists/{run.id}"
    assert f"{page}/docx" in browser.get(page)
    made = browser.send("GET", f"{page}/docx")
    assert made.headers["Content-Disposition"].endswith('-bus-check.docx"')
    found = word.read(made.data, "a.docx")
    assert found.title == "Cebu"
    assert "1 of 4, 1 no" in found.body
    assert "| Is there a map? | No | Lost =1+1 |" in " ".join(found.body.split()).replace(
        "  ", " "
    )
    assert found.body.count("☐ Open") == 3
    browser.sign_in(make_member())
    browser.get(f"{page}/docx", status=404)


@pytest.mark.view
def test_evidence_is_checked_kept_fetched_replaced_and_deleted_with_the_run(
    browser, practice, rosa
):
    browser.sign_in(rosa)
    run = begin(practice, rosa)
    page = f"/firm/checklists/{run.id}/evidence/{keys(run)[0]}"
    bad = browser.post(page, status=200, file=(io.BytesIO(b"MZ program"), "map.exe"))
    assert "can be attached" in bad.text
    browser.post(page, file=(io.BytesIO(papers.pdf("A map")), "Our “map”.pdf"))
    row = runs.answers_of(run)[keys(run)[0]]
    first = row.file_key
    assert row.file_name == "our-map.pdf"
    assert browser.send("GET", f"{page}/file").data == papers.pdf("A map")
    browser.post(page, file=(io.BytesIO(papers.pdf("Another")), "b.pdf"))
    jobs.work()
    with pytest.raises(UnknownFile):
        store().get(first)
    browser.sign_in(make_member())
    browser.get(f"{page}/file", status=404)
    last = runs.answers_of(run)[keys(run)[0]].file_key
    runs.remove(run, "a test")
    db.session.commit()
    jobs.work()
    with pytest.raises(UnknownFile):
        store().get(last)


@pytest.mark.view
def test_a_closed_one_is_read_only_until_it_is_opened_again(browser, practice, rosa):
    browser.sign_in(rosa)
    run = begin(practice, rosa)
    page = f"/firm/checklists/{run.id}"
    browser.post(f"{page}/close", page=page)
    browser.post(page, status=409, page="/firm/checklists/", **form(run, answer_0="yes"))
    with pytest.raises(Refused, match="closed"):
        runs.go_over(run, 1, {})
    browser.post(f"{page}/close", page=page)
    browser.post(page, **form(run, answer_0="yes"))
    browser.post(f"{page}/delete")
    left = [db.session.scalar(select(func.count()).select_from(model))
            for model in (ChecklistRun, ChecklistAnswer, ChecklistHelper)]  # fmt: skip
    assert left == [0, 0, 0]


@pytest.mark.view
def test_who_works_for_no_firm_is_offered_none(browser, practice):
    browser.sign_in(make_person(Role.EDITOR))
    assert "Fill this checklist" not in browser.get("/library/bus-check")
    page = browser.get("/library/bus-check/checklist")
    assert "you work for none here" in page
    assert "/firm/checklists/" not in page


def test_nothing_to_fill_begins_nothing(rosa):
    empty = make_practice("no-list")
    revise(empty, {}, "Only words.", "Fewer", make_person())
    with pytest.raises(Refused, match="no checklist"):
        runs.start(empty, firm_of(rosa), "X", rosa)


@pytest.mark.parametrize(
    ("spans", "gone"),
    [
        ([], None),
        ([(date(2026, 1, 1), date(2026, 3, 1))], date(2026, 3, 1)),
        ([(date(2026, 1, 1), date(2026, 3, 1)), (date(2026, 3, 2), date(2026, 5, 9))], None),
        ([(date(2026, 6, 1), date(2027, 5, 31))], None),  # begins later
    ],
)
def test_a_group_has_left_when_its_last_span_is_over(spans, gone):
    assert leavers.left_on(spans, date(2026, 5, 9)) == gone


def test_a_firm_that_left_is_offered_its_checklists_and_loses_them_after_thirty_days(
    browser, practice, rosa, at
):
    run = begin(practice, rosa)
    run_id, term = run.id, firm_of(rosa).memberships[0].terms[0]
    ended = term.grace_until_on

    def nightly(day):
        at(day.year, day.month, day.day, 12)
        let_checklists_go()

    nightly(ended)
    assert offers() == []
    nightly(ended + timedelta(days=1))
    nightly(ended + timedelta(days=1))
    assert [one.recipient for one in offers()] == [rosa.email]
    browser.sign_in(rosa)
    assert "Cebu" in browser.get(f"/firm/checklists/{run_id}")  # to take it along
    browser.get(f"/firm/checklists/{run_id}/csv")
    browser.post(f"/firm/checklists/{run_id}", status=409, page="/firm/checklists/")
    nightly(ended + timedelta(days=31))
    assert db.session.get(ChecklistRun, run_id)
    nightly(ended + timedelta(days=32))
    assert db.session.get(ChecklistRun, run_id) is None


def test_a_sister_that_stays_keeps_the_checklists_of_one_that_left(practice):
    group = save(CorporateGroup(name="Two"))
    gone = make_member(firm=make_firm(group=group))
    make_membership(make_firm(group=group), end=date(2030, 12, 31))
    begin(practice, gone)
    assert leavers.firms_gone(date(2028, 1, 1)) == {}


def offers():
    query = select(OutgoingMail).where(OutgoingMail.subject.like("%checklists along%"))
    return db.session.scalars(query).all()


def test_two_accounts_that_both_help_become_one(practice, rosa):
    run = begin(practice, rosa)
    nia, twin = (make_contact(firm_of(rosa)) for _ in range(2))
    runs.settle(run, "Cebu", rosa.id, [nia.id, twin.id])
    runs.say(run, runs.items_of(run)[0], Said(Answer.YES), twin)
    db.session.commit()
    merge_people(nia, twin, "One person")
    db.session.commit()
    assert [one.id for one in runs.helpers_of(run)] == [nia.id]
    assert runs.answers_of(run)[keys(run)[0]].changed_by_id == nia.id


@pytest.mark.view
def test_the_list_asks_as_much_for_many_as_for_one(browser, practice, rosa, statements):
    begin(practice, rosa)
    browser.sign_in(rosa)
    statements.clear()
    browser.get("/firm/checklists/")
    few = len(statements)
    for number in range(12):
        begin(practice, rosa, f"Number {number}")
    statements.clear()
    browser.get("/firm/checklists/")
    assert len(statements) == few
