"""Several cheques on one deposit slip: one bank line is all of them, once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.association.models import Association
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.dues import actions, queries
from portal.dues.actions import Cheque, Reversing
from portal.dues.matching import Ground
from portal.dues.models import Account, BankMatch, Payment, Posting, ReversalKind
from portal.dues.queries.slips import parts_of
from tests.dues.books import make_invoice
from tests.dues.statements import DAY, camt, imported, moved, mt940
from tests.make import make_firm, make_person

PAGE = "/staff/dues/bank/slip"
LINE = "/staff/dues/bank/lines/{}".format
ONE, TWO = "TH-2026-000001", "TH-2026-000002"


@pytest.fixture
def finance(browser):
    return browser.sign_in(make_person(Role.FINANCE))


def slip_of(*minors, number="700123", on=DAY):
    """The cheques of a slip, each of which pays all of an invoice of its own."""
    cheques = [
        Cheque(make_invoice(total=minor), Money(minor, "EUR"), f"{n}01")
        for n, minor in enumerate(minors, 1)
    ]
    made = actions.record_slip(number, on, cheques, make_person(Role.FINANCE))
    db.session.commit()
    return made


def one_line(*facts, **more):
    return imported(mt940(moved(*facts, **more)))[0]


def banked():
    found = select(Posting.minor).where(Posting.account == Account.BANK)
    return sum(db.session.scalars(found))


def books_are_well():
    db.session.commit()
    assert list(queries.ledger_faults()) == []


def test_one_line_is_all_cheques_of_the_slip_and_each_is_traced_to_it():
    cheques = slip_of(10000, 20000, 30000)
    before = db.session.query(Posting).count()
    line = one_line("600.00", "Bank", "DEPOSIT 700123")
    assert actions.book_certain([line]) == 1
    assert db.session.query(Posting).count() == before
    assert banked() == 60000
    assert [queries.bank_line_of(one) for one in cheques] == [line] * 3
    assert queries.bank_counts() == {"todo": 0, "matched": 1, "aside": 0, "left": 0}
    assert db.session.scalars(queries.payments_without_line()).all() == []
    books_are_well()


def test_the_same_line_twice_is_the_slip_once():
    db.session.get(Association, 1).books_alone = True
    slip_of(10000, 20000)
    one = ("300.00", "Bank", "DEPOSIT 700123")
    imported(mt940(one))
    assert imported(camt(one)) == []
    assert banked() == 30000
    assert db.session.query(Payment).count() == 2
    (line,) = imported(mt940(moved(*one, day=DAY + timedelta(days=1))))
    assert queries.proposals([line])[line.id].payment_ids == (), "another line is other money"
    assert queries.bank_counts()["todo"] == 1
    books_are_well()


def test_a_slip_that_the_line_does_not_name_is_likely_and_other_sums_are_none():
    slip_of(10000, 20000)
    same, other, late = imported(
        mt940(
            moved("300.00", "Bank", "cheques"), moved("300.01", "Bank", "DEPOSIT 700123"),
            moved("300.00", "Bank", "DEPOSIT 700123", day=DAY + timedelta(days=36)),
        )
    )  # fmt: skip
    found = queries.proposals([same, other, late])
    assert (found[same.id].words, len(found[same.id].payment_ids)) == ("Likely", 2)
    assert found[other.id].payment_ids == found[late.id].payment_ids == ()
    assert actions.book_certain([same]) == 0


def test_of_two_slips_of_a_day_each_line_is_its_own():
    slip_of(10000, 20000, number="700123")
    slip_of(15000, 15000, number="700124")
    lines = imported(mt940(("300.00", "B", "SLIP 700124"), ("300.00", "B", "SLIP 700123")))
    assert actions.book_certain(lines) == 2
    for line, number in zip(lines, ("700124", "700123"), strict=True):
        match = queries.live_matches([line.id])[line.id]
        notes = {one.payment.note[:11] for one in (match, *parts_of(match))}
        assert notes == {f"Slip {number}"}
    books_are_well()


def press(browser, line, *chosen):
    data = {"csrf_token": browser.token, "slip": ["", *(one.id for one in chosen)]}
    return browser.send("POST", f"{LINE(line.id)}/book", data=data)


def test_staff_take_a_slip_with_one_press_and_undo_it(browser, finance):
    one, two = slip_of(10000, 20000)
    line = one_line("300.00", "Bank", "cheques")
    assert "2 payments that were entered by hand" in browser.get("/staff/dues/bank/")
    page = LINE(line.id)
    shown = browser.get(page)
    assert "Is it a deposit of several cheques?" in shown
    assert shown.count(" checked") == 2
    for chosen in ([], [one]):
        answer = press(browser, line, *chosen)
        assert answer.status_code == 409
        assert "together, and the line is EUR\xa0300.00" in answer.text
    assert press(browser, line, one, two, two).status_code == 303
    assert press(browser, line, one, two).status_code == 409, "somebody dealt with it"
    shown = browser.get(page)
    assert "The payments that came in it" in shown
    assert shown.count("Slip 700123, cheque") == 2
    assert "The bank line that shows it" in browser.get(f"/staff/dues/payments/{two.id}")
    assert "The 2 payments were entered by hand" in browser.get(f"{page}/undo")
    browser.post(f"{page}/undo", page=f"{page}/undo", reason="Another slip")
    assert (queries.bank_line_of(one), queries.bank_line_of(two)) == (None, None)
    assert queries.bank_counts()["todo"] == 1
    assert len(queries.undone_matches(line)) == 1
    books_are_well()


def test_a_cheque_of_a_slip_that_bounces_leaves_the_others_on_their_line():
    one, two = slip_of(10000, 20000)
    line = one_line("300.00", "Bank", "DEPOSIT 700123")
    actions.book_certain([line])
    left = one_line("-200.00", "Bank", "UNPAID 201", day=DAY + timedelta(days=2))
    actions.reverse(two, Reversing(ReversalKind.BOUNCED, "No cover", DAY, left))
    assert queries.bank_line_of(one) == queries.bank_line_of(two) == line
    assert banked() == 10000
    books_are_well()


def test_a_cheque_of_a_slip_that_was_no_money_frees_the_whole_line():
    one, two = slip_of(10000, 20000)
    line = one_line("300.00", "Bank", "DEPOSIT 700123")
    actions.book_certain([line])
    actions.reverse(two, Reversing(ReversalKind.TWICE, "Entered twice", DAY))
    assert queries.bank_line_of(one) is None
    assert queries.bank_counts()["todo"] == 1
    with pytest.raises(Refused, match="no money that came"):
        actions.book_slip(line, [one, two], Ground.HAND, "")
    books_are_well()


def test_only_what_was_entered_by_hand_and_shown_by_no_line_is_in_a_slip():
    one, two = slip_of(10000, 20000)
    first, both = imported(mt940(("100.00", "A"), ("300.00", "B")))
    actions.book_payment(first, one, Ground.HAND, "")
    with pytest.raises(Refused, match="its bank line already"):
        actions.book_slip(both, [one, two], Ground.HAND, "")
    kept = actions.book(one_line("100.00", "C"), [], Ground.HAND, "").payment
    with pytest.raises(Refused, match="not entered by hand"):
        actions.book_slip(both, [kept, two], Ground.HAND, "")


def test_a_slip_that_is_not_the_sum_of_its_line_is_found_by_the_proof():
    slip_of(10000, 20000)
    line = one_line("300.00", "Bank", "DEPOSIT 700123")
    actions.book_certain([line])
    other = one_line("300.01", "Bank")
    for one in db.session.scalars(select(BankMatch)):
        one.line_id = other.id
    db.session.flush()
    assert any("and 1 more: 30000 received, 30001" in one for one in queries.ledger_faults())


def fields(*rows, slip="700123", **more):
    found = {"paid_in_on": str(DAY), "slip": slip, **more}
    for n, row in enumerate(rows):
        names = ("number", "amount", "cheque")
        found |= {f"cheques-{n}-{name}": one for name, one in zip(names, row, strict=True)}
    return found


def test_staff_record_a_slip_once_and_each_payer_gets_a_receipt(browser, finance, sent):
    one = make_invoice(make_firm(), total=10000, email="one@firm.example")
    two = make_invoice(make_firm(), total=20000, email="two@firm.example")
    sent()
    form = fields((one.number, "100.00", "101"), (two.reference, "200.00", "201"))
    answer = browser.post(PAGE, page=PAGE, **form)
    shown = browser.get(answer.location)
    assert "2 cheques of EUR\xa0300.00 together are booked" in shown
    assert "Slip 700123, cheque 201" in shown
    assert {mail["To"] for mail in sent()} == {"one@firm.example", "two@firm.example"}
    again = browser.post(PAGE, page=PAGE, status=200, **form).text
    assert "may be in the books already" in again
    again = browser.post(PAGE, page=PAGE, status=200, **form, is_other="y").text
    assert "recorded already" in again
    assert db.session.query(Payment).count() == 2
    books_are_well()


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        ([], {}, "two cheques at least"),
        ([(ONE, "1", "11")], {}, "two cheques at least"),
        ([(ONE, "1", "11"), (ONE, "", "22")], {}, "of each cheque"),
        ([(ONE, "1", "11"), ("X-1", "1", "22")], {}, "No invoice has the number"),
        ([(ONE, "1", "11"), (ONE, "x", "22")], {}, "in figures"),
        ([(ONE, "1", "11"), (ONE, "-3", "22")], {}, "above zero"),
        ([(ONE, "1", "11"), (TWO, "1", "22")], {}, "in one currency"),
        ([(ONE, "1", "11"), (ONE, "1", "22")], {"slip": ""}, "number of the slip"),
        ([(ONE, "1", "11"), (ONE, "1", "22")], {"slip": "1,2"}, "without a comma"),
        ([(ONE, "1", "11"), (ONE, "1", "22")], {"paid_in_on": "2099-01-01"}, "has not come"),
    ],
)
def test_what_is_wrong_with_a_slip_is_said_and_what_was_typed_stays(
    browser, finance, rows, more, words
):
    make_invoice(total=10000)
    make_invoice(total=10000, currency="USD")
    shown = browser.post(PAGE, page=PAGE, status=200, **(fields(*rows) | more)).text
    assert words in shown
    assert db.session.query(Payment).count() == 0
    assert all(f'value="{row[2]}"' in shown for row in rows)
