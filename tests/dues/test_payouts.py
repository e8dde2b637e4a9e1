"""What Stripe keeps and pays out: booked once, matched with the bank's line, and proven."""

from datetime import timedelta

import pytest
import requests
from sqlalchemy.exc import DatabaseError

from portal.association.models import Association
from portal.core import clock, jobs
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import IllegalMove, Refused
from portal.dues import actions, comparing, ledger, payouts, queries
from portal.dues.ledger import Entry
from portal.dues.matching import Ground
from portal.dues.models import (
    Account,
    Payout,
    PayoutStatus,
    ProviderFee,
)
from tests.demo.sandbox_process import DISPUTED
from tests.dues.books import deliver, event, make_invoice
from tests.dues.kept import every
from tests.dues.statements import imported, moved, mt940
from tests.dues.test_refunds import (
    KEY,
    at_stripe,
    booked,
    books_are_well,
    card_credit,
    found,
    paid_by_card,
)
from tests.make import business_day, make_person

S = PayoutStatus
TOTAL, FEE = 100000, 2930
NET = TOTAL - FEE


@pytest.mark.parametrize("old", S)
@pytest.mark.parametrize("new", S)
def test_every_move_of_a_payout_is_in_the_table_or_refused(old, new):
    if (old, new) == (S.PAID, S.FAILED):
        assert old.to(new) is new
    else:
        with pytest.raises(IllegalMove):
            old.to(new)


def paid(stripe, **facts):
    return paid_by_card(stripe, make_invoice(total=TOTAL), **facts)


def tell(browser, kind, payout_id, n=1):
    deliver(browser, event(f"payout.{kind}", payout_id, f"evt_{kind}_{n}"))
    jobs.work()
    db.session.expire_all()


def hear_of(payout_id):
    """As the message makes it, with none of the hourly looks."""
    payouts.look_at_payout(payout_id)
    db.session.commit()


def paid_out(browser, stripe):
    """A card payment, and the payout that holds it; both in the books."""
    paid(stripe)
    (made,) = stripe.pay_out()
    tell(browser, "paid", made["id"])
    return every(Payout)[-1]


def look_after():
    payouts.look_after_balance()
    db.session.commit()


def line_of(payout, text="", day=None):
    money = f"{payout.amount_minor / 100:.2f}"
    return imported(mt940(moved(money, "STRIPE", text, day=day or payout.arrives_on)))[0]


def books():
    return [booked(one) for one in (Account.BANK, Account.CARD_CLEARING, Account.FEES)]


def test_the_fee_of_a_card_payment_is_booked_from_the_balance_transaction_once(stripe):
    payment = paid(stripe)
    for _ in range(2):
        look_after()
    (fee,) = every(ProviderFee)
    (movement,) = stripe.state()["balance_transaction"]
    assert (fee.external_id, fee.source) == (movement["id"], movement["source"])
    assert (fee.payment_id, fee.money) == (payment.id, Money(FEE, "EUR"))
    assert books() == [0, NET, FEE]
    books_are_well()


def test_a_booked_fee_never_changes(stripe):
    paid(stripe)
    look_after()
    every(ProviderFee)[0].amount_minor = 1
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.commit()
    db.session.rollback()


def test_a_payout_books_the_fees_of_all_it_holds_and_clearing_falls_to_zero(stripe):
    paid(stripe), paid(stripe)
    (made,) = stripe.pay_out()
    hear_of(made["id"])
    (payout,) = every(Payout)
    assert (payout.external_id, payout.money) == (made["id"], Money(2 * NET, "EUR"))
    assert (payout.status, payout.arrives_on) == (S.PAID, business_day())
    assert books() == [2 * NET, 0, 2 * FEE]
    assert queries.at_stripe() == []
    books_are_well()


def test_messages_twice_and_none_at_all_end_the_same(browser, stripe):
    payout = paid_out(browser, stripe)
    tell(browser, "paid", payout.external_id, 2)
    look_after()
    assert books() == [NET, 0, FEE]
    paid(stripe)
    stripe.pay_out()
    look_after()
    assert books() == [2 * NET, 0, 2 * FEE]
    assert len(every(Payout)) == 2
    books_are_well()


def test_one_by_hand_names_no_fees_and_they_are_booked_all_the_same(stripe):
    paid(stripe)
    asked = {"amount": 500, "currency": "eur"}
    made = requests.post(f"{stripe.url}/v1/payouts", headers=KEY, data=asked, timeout=10).json()
    hear_of(made["id"])
    assert books() == [500, TOTAL - 500, 0]
    look_after()
    assert books() == [500, NET - 500, FEE]
    assert queries.at_stripe() == [Money(NET - 500, "EUR")]
    books_are_well()


def test_a_payout_that_the_bank_sent_back_lies_at_stripe_again_and_is_mailed(
    browser, stripe, sent
):
    finance = make_person("finance")
    payout = paid_out(browser, stripe)
    stripe.fail_payout(payout.external_id)
    for n in range(2):
        tell(browser, "failed", payout.external_id, n)
    assert every(Payout)[0].status is S.FAILED
    assert books() == [0, NET, FEE]
    mails = [mail for mail in sent() if "came back" in mail["Subject"]]
    assert [mail["To"] for mail in mails] == [finance.email]
    books_are_well()
    stripe.pay_out()
    look_after()
    assert books() == [NET, 0, FEE]
    browser.sign_in(finance)
    assert "The bank account has been closed" in browser.get("/staff/dues/payouts")


def test_one_that_failed_before_it_was_heard_of_moves_nothing(browser, stripe):
    paid(stripe)
    (made,) = stripe.pay_out()
    stripe.fail_payout(made["id"])
    tell(browser, "paid", made["id"])
    tell(browser, "failed", made["id"])
    assert every(Payout) == []
    assert booked(Account.BANK) == 0


def test_a_refund_gives_no_fee_back_and_what_is_left_is_paid_out(browser, stripe):
    payment = card_credit(stripe, TOTAL)
    made = at_stripe(stripe, payment, 400)
    deliver(browser, event("refund.created", made["id"], "evt_refund"))
    jobs.work()
    assert [one.amount_minor for one in found()] == [400]
    stripe.pay_out()
    look_after()
    assert books() == [NET - 400, 0, FEE]
    books_are_well()


def test_a_dispute_costs_a_fee_that_names_its_payment(browser, stripe):
    payment = paid(stripe, card=DISPUTED)
    look_after()
    cost = sum(one["fee"] for one in stripe.state()["balance_transaction"])
    assert cost > FEE
    assert queries.fee_of(payment) == Money(cost, "EUR")
    assert booked(Account.FEES) == cost
    browser.sign_in(make_person("finance"))
    assert Money(cost, "EUR").figures in browser.get(f"/staff/dues/payments/{payment.id}")


def test_a_portal_without_card_payments_asks_and_books_nothing(browser, stripe):
    look_after()
    assert stripe.state()["requests"] == []


def test_what_stripe_does_not_answer_now_is_booked_later(stripe):
    paid(stripe)
    stripe.pay_out()
    stripe.post_faults(fail=50)
    look_after()
    assert every(ProviderFee) == []
    stripe.post_faults(fail=0)
    look_after()
    assert books() == [NET, 0, FEE]


@pytest.mark.parametrize("name", ["external_id", "trace"])
def test_a_bank_line_that_names_its_payout_is_matched_when_it_is_imported(browser, stripe, name):
    db.session.get(Association, 1).books_alone = True
    db.session.commit()
    db.session.info.pop("association", None)
    payout = paid_out(browser, stripe)
    line = line_of(payout, f"PAYOUT {getattr(payout, name)} THANKS")
    assert queries.lines_of_payouts([payout.id])[payout.id].id == line.id
    assert queries.payment_of(line) is None
    assert books() == [NET, 0, FEE], "the books had it already"
    books_are_well()


def test_one_of_its_amount_and_days_is_proposed_and_booked_by_hand(browser, stripe):
    payout = paid_out(browser, stripe)
    line = line_of(payout, "STRIPE TRANSFER", day=payout.arrives_on + timedelta(days=2))
    assert queries.lines_of_payouts([payout.id]) == {}
    browser.sign_in(make_person("finance"))
    page = f"/staff/dues/bank/lines/{line.id}"
    assert f"The payout {payout.external_id} alone" in browser.get(page)
    browser.post(f"{page}/book", status=303, page=page, payout=payout.id)
    assert queries.lines_of_payouts([payout.id])[payout.id].id == line.id
    assert "The payout" in browser.get(page)
    assert page in browser.get("/staff/dues/payouts")
    assert "Nothing lies at the card processor" in browser.get("/staff/dues/payouts")
    books_are_well()


def test_two_payouts_of_one_amount_are_not_guessed_between(browser, stripe):
    payout = paid_out(browser, stripe)
    paid(stripe)
    stripe.pay_out()
    look_after()
    line = line_of(payout, "STRIPE TRANSFER")
    assert queries.proposals([line])[line.id].payout_id is None


def test_other_money_a_second_line_and_one_that_came_back_are_refused(browser, stripe):
    payout = paid_out(browser, stripe)
    other, first, second = imported(mt940(
        *(moved(f"{minor / 100:.2f}", "STRIPE", f"N{n}", day=payout.arrives_on)
          for n, minor in enumerate((NET - 1, NET, NET)))
    ))  # fmt: skip
    with pytest.raises(Refused, match="other money"):
        actions.book_payout(other, payout, Ground.HAND, "By hand")
    match = actions.book_payout(first, payout, Ground.HAND, "By hand")
    with pytest.raises(Refused, match="its bank line already"):
        actions.book_payout(second, payout, Ground.HAND, "By hand")
    actions.undo(match, "Wrong line")
    actions.book_payout(second, payout, Ground.HAND, "By hand")
    books_are_well()


def test_a_match_with_a_payout_is_undone_and_the_books_stay(browser, stripe):
    payout = paid_out(browser, stripe)
    line = line_of(payout)
    actions.book_payout(line, payout, Ground.HAND, "By hand")
    db.session.commit()
    browser.sign_in(make_person("finance"))
    page = f"/staff/dues/bank/lines/{line.id}/undo"
    assert payout.external_id in browser.get(page)
    browser.post(page, page=page, reason="Another line brought it")
    assert queries.lines_of_payouts([payout.id]) == {}
    assert books() == [NET, 0, FEE]
    assert queries.proposals([line])[line.id].payout_id == payout.id


def test_a_payout_that_is_no_longer_proposed_is_not_booked(browser, stripe):
    payout = paid_out(browser, stripe)
    line = line_of(payout)
    browser.sign_in(make_person("finance"))
    page = f"/staff/dues/bank/lines/{line.id}"
    browser.post(f"{page}/book", status=303, page=page, payout="999")
    assert queries.lines_of_payouts([payout.id]) == {}
    assert "not proposed any more" in browser.get(page)


def test_money_that_no_fee_and_no_payout_of_stripes_explains_is_found(browser, stripe):
    paid_out(browser, stripe)
    invented = [Entry(Account.BANK, 700), Entry(Account.CARD_CLEARING, -700)]
    ledger.post("payout:999", business_day(), "EUR", None, invented)
    ledger.post(
        "fee:999", business_day(), "EUR", None,
        [Entry(Account.FEES, 7), Entry(Account.CARD_CLEARING, -7)],
    )  # fmt: skip
    db.session.flush()
    faults = sorted(queries.ledger_faults())
    assert [one.split(":")[0] for one in faults] == ["Journal fee", "Journal payout"]
    db.session.rollback()


def test_a_fee_or_payout_that_is_not_booked_as_stripe_told_it_is_found(browser, stripe):
    payout = paid_out(browser, stripe)
    moment = clock.now()
    db.session.add(ProviderFee(
        external_id="txn_x", source="ch_x", currency="EUR", amount_minor=5, made_at=moment,
    ))  # fmt: skip
    db.session.add(Payout(
        external_id="po_x", currency="EUR", amount_minor=9, made_at=moment, trace="",
        arrives_on=business_day(),
    ))  # fmt: skip
    payout.amount_minor += 1
    db.session.flush()
    faults = " ".join(queries.ledger_faults())
    assert "Fee txn_x: 5 taken, 0 booked." in faults
    assert "Payout po_x, paid: 9 paid out, 0 booked." in faults
    assert f"Payout {payout.external_id}, paid: {NET + 1} paid out, {NET} booked." in faults
    db.session.rollback()


def test_disputes_and_payouts_that_we_do_not_know_are_named(browser, stripe, at):
    paid(stripe)
    paid(stripe, card=DISPUTED)
    (made,) = stripe.pay_out()
    at(*(clock.now() + timedelta(hours=2)).timetuple()[:6])
    stripe.set_clock(clock.now())
    comparing.compare()
    db.session.commit()
    rows = {one["kind"]: one for one in queries.last_report().rows}
    assert set(rows) == {"disputes", "payouts"}
    assert (rows["payouts"]["id"], rows["payouts"]["ours"]) == (made["id"], "")
    assert rows["disputes"]["id"] == stripe.state()["dispute"][0]["id"]


def test_disputes_and_payouts_that_both_say_alike_are_no_difference(browser, stripe, at):
    payout = paid_out(browser, stripe)
    comparing.compare()
    db.session.commit()
    report = queries.last_report()
    assert (report.rows, report.counts["payouts"]) == ([], 1)
    db.session.add(Payout(
        external_id="po_invented", currency="EUR", amount_minor=9, made_at=clock.now(), trace="",
        arrives_on=business_day(),
    ))  # fmt: skip
    db.session.commit()
    comparing.compare()
    (row,) = queries.last_report().rows
    assert (row["id"], row["theirs"]) == ("po_invented", "")
    assert payout.money == Money(NET, "EUR")


def test_fees_stand_in_the_balances_and_in_the_journal_that_is_exported(browser, stripe):
    paid_out(browser, stripe)
    browser.sign_in(make_person("finance"))
    assert "Fees of the card processor" in browser.get("/staff/dues/reports/balances")
    exported = browser.get("/staff/dues/reports/journal.csv")
    assert f"fee:{every(ProviderFee)[0].id}" in exported
    assert f"payout:{every(Payout)[0].id}" in exported


def test_nothing_was_paid_out_yet_is_said_in_words(browser, stripe):
    browser.sign_in(make_person("finance"))
    assert "Nothing was paid out yet" in browser.get("/staff/dues/payouts")
