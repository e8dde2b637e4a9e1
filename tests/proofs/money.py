"""What money does in a random history: it comes, fails, comes twice, goes back, is disputed."""

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import func, select

from portal.association.queries import today
from portal.core import clock
from portal.core.db import db
from portal.core.merging import current_id
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.stripe_gateway import DisputeReceipt, Receipt, RefundReceipt
from portal.dues import actions as dues
from portal.dues import queries as books
from portal.dues.matching import Ground
from portal.dues.models import (
    HOLDS_MONEY,
    ON_THE_WAY,
    Account,
    AttemptStatus,
    BankIncome,
    BankLine,
    Dispute,
    DisputeStatus,
    Invoice,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    Posting,
    Refund,
    ReversalKind,
)
from portal.dues.periods import NotQuotable
from portal.dues.queries.early import to_pay_now
from portal.dues.queries.invoices import owed
from portal.members.models import Decision, Organization
from tests.dues.statements import camt, moved
from tests.make import numbers

PAID = "paid", "paid"  # Stripe tells it twice
BEGINS = datetime(2026, 1, 15, 9, tzinfo=UTC)
WHICH = st.integers(0, 63)
happened = Counter()  # what the portal did, and what it refused
IS_OWED, BY_CARD = owed() > 0, Payment.method == PaymentMethod.CARD
PERCENT = st.sampled_from([100, 100, 100, 40, 1, 107])


@lru_cache(maxsize=32)
def _ids(model, *conditions):
    """Made once where the conditions are the same ones every time."""
    return select(model.id).where(*conditions).order_by(model.id)


class Moneys(RuleBasedStateMachine):
    """Firms with invoices, and all that becomes of what they pay."""

    now = BEGINS
    staff = decision = None
    has_cards = has_refunds = False  # anything that Stripe could tell something of

    def __init__(self):
        super().__init__()
        Moneys.now = BEGINS

    @contextmanager
    def perhaps(self, what):
        """What the portal refuses leaves nothing behind; and each act reads the rows anew."""
        nested = db.session.begin_nested()
        try:
            yield
            db.session.info.pop("nudge", None)  # there is no worker to be woken
            nested.commit()
            happened[what] += 1
        except (Refused, NotQuotable):
            nested.rollback()
            db.session.info.pop("audit", None)
            happened[f"refused: {what}"] += 1
        db.session.expire_all()

    def pick(self, model, which, *conditions):
        """One of all rows for which this is true, whosever it is; nothing when there is none."""
        ids = db.session.scalars(_ids(model, *conditions)).all()
        return db.session.get_one(model, ids[which % len(ids)]) if ids else None

    def claim(self, which):
        return self.pick(Invoice, which, IS_OWED)

    def card_payment(self, which):
        return self.pick(Payment, which, BY_CARD)

    @rule(which=WHICH, percent=PERCENT)
    def pays_by_transfer(self, which, percent):
        if invoice := self.claim(which):
            with self.perhaps("transfer"):
                money = part(to_pay_now(invoice), percent)
                dues.record_transfer(invoice, money, today(), "seen", by=self.staff)

    @rule(which=WHICH, percent=PERCENT, is_named=st.booleans())
    def is_on_the_bank_statement(self, which, percent, is_named):
        """A line that names its invoice and is exact is certain; any other is matched by hand."""
        if invoice := self.claim(which):
            with self.perhaps("bank line"):
                came = part(to_pay_now(invoice), percent)
                text = invoice.number if is_named else "dues"
                line = import_line(came, text, self.staff)
                if not dues.book_certain([line], self.staff):
                    share = min(came.minor, books.balance(invoice).minor)
                    dues.book(line, [(invoice, share)], Ground.HAND, "They wrote", self.staff)

    @rule(which=WHICH, income=st.sampled_from(BankIncome), is_wrong=st.booleans())
    def sends_money_without_an_invoice(self, which, income, is_wrong):
        """Undone it is credit, which may become income again as it is."""
        if invoice := self.claim(which):
            with self.perhaps("bank income"):
                line = import_line(part(to_pay_now(invoice), 30), "thanks", self.staff)
                sender = current_id(Organization, invoice.organization_id)
                match = dues.book_income(line, income, sender, self.staff)
                if is_wrong:
                    dues.undo(match, "It was for dues")
                    dues.book_income(line, BankIncome.OTHER, sender, self.staff)
                    dues.undo(books.live_matches([line.id])[line.id], "It was not")

    @rule(which=WHICH, by_match=st.booleans())
    def was_matched_wrongly(self, which, by_match):
        payment = self.pick(Payment, which)
        paid = books.invoices_paid_by(payment) if payment else []
        for invoice, _ in paid[:1]:
            with self.perhaps("freed"):
                lines = (payment.external_id or "").removeprefix("bank:")
                line = db.session.scalar(select(BankLine).filter_by(key=lines))
                match = books.live_matches([line.id]).get(line.id) if line else None
                if match and by_match:
                    dues.undo(match, "It was another's")
                    dues.book(line, [], Ground.HAND, "Theirs, but for what?", self.staff)
                else:
                    dues.free(payment, invoice, "It was for another")

    @rule(which=WHICH, fate=st.sampled_from(["paid", "paid", "late", "beaten", "failed"]))
    def tries_a_card(self, which, fate):
        """`late`: expired, then paid after all; `beaten`: a transfer came while it waited."""
        invoice = self.claim(which)
        if invoice and not books.live_attempt(invoice.id):
            with self.perhaps(f"card {fate}"):
                made = attempt(invoice)
                if fate == "beaten":
                    dues.record_transfer(invoice, made.money, today(), "seen", by=self.staff)
                for one in {"late": ("expired", "paid"), "failed": ("failed",)}.get(fate, PAID):
                    dues.settle(receipt(made, one))
                self.has_cards |= fate != "failed"

    @rule(which=WHICH, percent=st.sampled_from([0, 50, 100]))
    def is_credited(self, which, percent):
        if invoice := self.pick(Invoice, which):
            with self.perhaps("credit note"):
                net = {one.id: one.net_minor * percent // 100 for one in invoice.lines}
                dues.credit(invoice, "So decided", lines=None if percent == 0 else net)

    @rule(which=WHICH, is_mistaken=st.sampled_from([True, False, False, False]))
    def is_voided(self, which, is_mistaken):
        if is_mistaken and (invoice := self.claim(which)):
            with self.perhaps("void"):
                dues.void(invoice, "Issued by mistake")

    @rule(which=WHICH)
    def uses_its_credit(self, which):
        payment = self.pick(Payment, which, Payment.id.in_(has_credit()))
        payer = payment and payment.organization_id
        if invoice := payer and self.pick(
            Invoice, which, IS_OWED, Invoice.organization_id == payer
        ):
            with self.perhaps("credit used"):
                dues.use_credit(invoice)

    @rule(which=WHICH, percent=st.sampled_from([100, 30, 110]), by_bank=st.booleans())
    def asks_money_back(self, which, percent, by_bank):
        if payment := self.pick(Payment, which, Payment.id.in_(has_credit())):
            method = PaymentMethod.BANK if by_bank else payment.method
            with self.perhaps(f"refund by {method}"):
                left = Money(books.unallocated_of(payment), payment.currency)
                way = dues.Sending("Too much", method, by=self.staff)
                dues.request_refund(payment, part(left, percent), way)
                self.has_refunds |= method is PaymentMethod.CARD

    @precondition(lambda self: self.has_refunds)
    @rule(which=WHICH, fate=st.sampled_from(["succeeded", "failed", "pending"]))
    def hears_of_its_refund(self, which, fate):
        """Also of one that succeeded before: the payer's bank may send it back."""
        live = Refund.status.in_(HOLDS_MONEY), Refund.method == PaymentMethod.CARD
        if one := self.pick(Refund, which, *live):
            name, paid = one.external_id or f"re_{one.id}", one.payment.external_id
            told = RefundReceipt(name, one.id, paid, one.money, fate, "")
            self._hear(f"refund {fate}", dues.apply_refund, told)

    def _hear(self, what, apply, told):
        with self.perhaps(what):
            apply(told)
            assert apply(told) in {dues.Outcome.ALREADY, dues.Outcome.CLOSED}

    @precondition(lambda self: self.has_cards)
    @rule(which=WHICH, percent=st.sampled_from([100, 20]))
    def is_paid_back_at_stripe(self, which, percent):
        payment = self.card_payment(which)
        left = payment and at_stripe(payment)
        if left and not books.is_disputed(payment) and not unanswered(payment):
            name, money = f"re_x{next(numbers)}", part(left, percent)
            told = RefundReceipt(name, 0, payment.external_id, money, "succeeded", "")
            self._hear("refund at Stripe", dues.apply_refund, told)

    @precondition(lambda self: self.has_cards)
    @rule(which=WHICH, fate=st.sampled_from(["open", "won", "lost"]))
    def disputes(self, which, fate):
        if payment := self.card_payment(which):
            known = db.session.scalars(select(Dispute).filter_by(payment_id=payment.id)).first()
            left = known.money if known else at_stripe(payment)
            may = known is None or known.status.may_become(DisputeStatus(fate))
            if left and may:
                told = DisputeReceipt(
                    dispute_id=f"dp_{payment.external_id}", payment_intent=payment.external_id,
                    money=left, status=fate, reason="fraudulent", evidence_due=None,
                    opened=int(clock.now().timestamp()),
                )  # fmt: skip
                self._hear(f"dispute {fate}", dues.apply_dispute, told)

    @rule(which=WHICH, kind=st.sampled_from(ReversalKind))
    def is_reversed(self, which, kind):
        """Its bank takes it back, or it was booked by mistake."""
        if payment := self.pick(Payment, which, ~BY_CARD):
            with self.perhaps("reversed"):
                dues.reverse(payment, dues.Reversing(kind, "So it was", today(), by=self.staff))

    @rule(which=WHICH)
    def is_given_up(self, which):
        if invoice := self.claim(which):
            with self.perhaps("written off"):
                dues.write_off(invoice, db.session.get_one(Decision, self.decision))


def has_credit():
    rest = func.sum(Posting.minor)
    query = select(Posting.payment_id).where(Posting.account == Account.UNALLOCATED)
    return query.group_by(Posting.payment_id).having(rest < 0)


def part(money, percent):
    return Money(max(1, money.minor * percent // 100), money.currency)


def import_line(money, text, by):
    """The line that a statement of this one movement brings."""
    units = f"{money.minor // 100}.{money.minor % 100:02}"
    row = moved(units, "A payer", text, reference=f"B{next(numbers)}", day=today())
    file = dues.stage(camt(row), "statement.xml")
    dues.import_file(file, by)
    return db.session.scalars(select(BankLine).filter_by(file_id=file.id)).one()


def attempt(invoice):
    money, number = to_pay_now(invoice), next(numbers)
    made = PaymentAttempt(
        invoice=invoice, n=number, currency=money.currency, amount_minor=money.minor, back="/",
        key=f"inv-{invoice.id}-att-{number}", made_at=clock.now(), session_id=f"cs_{number}",
        expires_at=clock.now() + timedelta(hours=2), status=AttemptStatus.OPEN,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def receipt(made, fate):
    return Receipt(
        session_id=made.session_id, attempt_id=made.id, money=made.money,
        status="expired" if fate == "expired" else "complete", is_paid=fate == "paid",
        has_failed=fate == "failed", payment_intent=f"pi_{made.session_id}",
    )  # fmt: skip


def unanswered(payment):
    """A refund that Stripe was asked for: its answer comes first."""
    found = select(Refund.id).filter_by(payment_id=payment.id, external_id=None)
    return db.session.scalar(found.where(Refund.status.in_(ON_THE_WAY)).limit(1)) is not None


def at_stripe(payment):
    """What a card payment still has there, which a bank or a dashboard can take back."""
    back = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == payment.id, Refund.status.in_(HOLDS_MONEY),
        Refund.method == PaymentMethod.CARD,
    )  # fmt: skip
    lost = select(func.coalesce(func.sum(Dispute.amount_minor), 0)).where(
        Dispute.payment_id == payment.id, Dispute.status == DisputeStatus.LOST
    )
    gone = int(db.session.scalar(back)) + int(db.session.scalar(lost))
    return Money(payment.amount_minor - gone, payment.currency)
