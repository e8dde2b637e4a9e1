"""What runs on by itself in a random history: kept cards, plans, seats, interest, payouts."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import exists, func, select

from portal.association.queries import today
from portal.core import clock
from portal.core.db import db
from portal.core.money import Money
from portal.core.receipts import Receipt, SavedCard
from portal.core.stripe_balance import FeeReceipt, PayoutReceipt
from portal.dues import actions as dues
from portal.dues import charging
from portal.dues import queries as books
from portal.dues.models import (
    Account,
    AutomaticCharge,
    CardMandate,
    Instalment,
    Invoice,
    Payout,
    Posting,
)
from portal.members.models import SeatOrder
from tests.make import numbers
from tests.proofs.money import PAID, WHICH, Moneys, attempt

PARTS = st.integers(2, 4)
HAS_PLAN = exists().where(Instalment.invoice_id == Invoice.id, Instalment.ended_at.is_(None))


class Lasting(Moneys):
    """Firms that agreed to something for longer; `firm` and `term` pick one of them."""

    has_payouts = False

    @rule(which=WHICH)
    def lets_its_card_be_charged(self, which):
        """A second card takes the place of the first."""
        firm, number = self.firm(which), next(numbers)
        with self.perhaps("card kept"):
            made = dues.agree(firm.id, self.staff)
            card = SavedCard(f"cus_{firm.id}", f"pm_{number}", "visa", "4242", 12, 2040)
            told = Receipt(
                session_id=f"cs_m{number}", attempt_id=0, status="complete", is_paid=False,
                has_failed=False, money=Money(0, "EUR"), payment_intent=None,
                mandate_id=made.id, card=card,
            )  # fmt: skip
            assert dues.keep_card(told) is dues.Outcome.SAVED
            assert dues.keep_card(told) is dues.Outcome.ALREADY

    @rule(which=WHICH, fate=st.sampled_from(["paid", "failed", "asked"]))
    def is_charged_by_itself(self, which, fate):
        """`asked`: the bank wants the payer, who is not there; they say yes later, or never."""
        found = db.session.execute(books.invoices_on_cards()).all()
        invoice, mandate = found[which % len(found)] if found else (None, None)
        if invoice and not books.live_attempt(invoice.id):
            with self.perhaps(f"charge {fate}"):
                made = attempt(invoice)
                made.session_id = None
                step = {"attempt": made, "invoice_id": invoice.id, "mandate": mandate}
                db.session.add(AutomaticCharge(step=str(made.n), on=today(), **step))
                db.session.flush()
                heard = {"paid": PAID, "asked": ("asked", "paid")}.get(fate, (fate,))
                for one in heard:
                    charging.take_in(_told(made, one))
                self.has_cards |= fate != "failed"

    @rule(which=WHICH)
    def wants_no_charges_any_more(self, which):
        kept = CardMandate.saved_at.is_not(None), CardMandate.revoked_at.is_(None)
        if mandate := self.pick(CardMandate, which, *kept):
            with self.perhaps("card revoked"):
                dues.revoke(mandate, "the firm said stop")

    @rule(which=WHICH, parts=PARTS, is_ended=st.booleans())
    def pays_in_parts(self, which, parts, is_ended):
        invoice = self.pick(Invoice, which, HAS_PLAN) if is_ended else self.claim(which)
        if invoice:
            with self.perhaps("plan ended" if is_ended else "plan"):
                if is_ended:
                    dues.end_plan(invoice)
                else:
                    dues.agree_plan(invoice, _in_parts(books.balance(invoice), parts))

    @rule(which=WHICH)
    def is_charged_interest(self, which):
        if invoice := self.claim(which):
            with self.perhaps("interest"):
                dues.charge_interest(invoice)

    @rule(which=WHICH, count=st.integers(1, 3))
    def orders_seats(self, which, count):
        if term := self.term(which):
            with self.perhaps("seats ordered"):
                dues.order_seats(term, count, dues.price_of_seats(term, count))

    @rule(which=WHICH, is_late=st.booleans())
    def gives_seats_up(self, which, is_late):
        if order := self.pick(SeatOrder, which):
            with self.perhaps("seats expired" if is_late else "seats cancelled"):
                (dues.expire_order if is_late else dues.cancel_order)(order)

    @precondition(lambda self: self.has_cards)
    @rule(percent=st.sampled_from([100, 60]), fee=st.sampled_from([0, 35]))
    def is_paid_out(self, percent, fee):
        """What lies at Stripe comes to the bank, less what Stripe keeps for its work."""
        number, at = next(numbers), int(clock.now().timestamp())
        with self.perhaps("payout"):
            if fee:
                told = FeeReceipt(f"txn_{number}", "", "", Money(fee, "EUR"), at)
                assert dues.book_fee(told)
                assert not dues.book_fee(told)
            minor = _lies_at_stripe() * percent // 100
            if minor > 0:
                told = _payout(f"po_{number}", minor)
                assert dues.apply_payout(told) is dues.Outcome.BOOKED
                assert dues.apply_payout(told) is dues.Outcome.ALREADY
                self.has_payouts = True

    @precondition(lambda self: self.has_payouts)
    @rule(which=WHICH)
    def is_not_paid_out_after_all(self, which):
        if payout := self.pick(Payout, which):
            with self.perhaps("payout failed"):
                dues.apply_payout(_payout(payout.external_id, payout.amount_minor, "failed"))


def _told(made, fate):
    return Receipt(
        session_id="", attempt_id=made.id, status="complete" if fate == "paid" else "open",
        is_paid=fate == "paid", has_failed=fate == "failed", money=made.money,
        payment_intent=f"pi_{made.key}", needs_payer=fate == "asked",
    )  # fmt: skip


def _in_parts(owed, parts):
    """The last part takes what the others leave."""
    minor = owed.minor // parts
    sizes = [*[minor] * (parts - 1), owed.minor - minor * (parts - 1)]
    return [
        (today() + timedelta(days=30 * n), Money(size, owed.currency))
        for n, size in enumerate(sizes)
    ]


def _lies_at_stripe():
    query = select(func.coalesce(func.sum(Posting.minor), 0))
    return int(db.session.scalar(query.where(Posting.account == Account.CARD_CLEARING)))


def _payout(name, minor, status="paid"):
    at = int(clock.now().timestamp())
    return PayoutReceipt(name, Money(minor, "EUR"), status, at, at, "", "")
