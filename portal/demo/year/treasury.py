"""What the treasurer does in the year: statements, payouts, refunds, credit notes, disputes."""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select

from portal.association.queries import association
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.demo.seed.bank import as_camt
from portal.demo.year.faults import Surroundings
from portal.demo.year.figures import Year
from portal.demo.year.habits import staff
from portal.dues import actions as dues
from portal.dues.instalments import instalments
from portal.dues.matching import Ground
from portal.dues.models import (
    BankLine,
    CreditReason,
    Dispute,
    Invoice,
    InvoiceKind,
    Payment,
    PaymentMethod,
    Payout,
    RefundStatus,
)
from portal.dues.queries import (
    balance,
    bank_lines,
    bill,
    hold_of,
    invoices,
    is_disputed,
    open_disputes,
    proposals,
    refunds_of,
    unallocated,
)
from portal.members.models import Decision

PATIENCE = timedelta(days=10)  # before money that pays nothing is sent back
GIVEN_UP = timedelta(days=150)  # after the due day
SEEDED = "du_demo"  # a dispute of the demo's past, of which the sandbox knows nothing
WINNING = "winning_evidence"  # what the sandbox lets win


def works(day: date, rng: random.Random, world: Surroundings, year: Year) -> None:
    """Everything that is the treasurer's on a day; what is refused is counted."""
    acts: list[Callable[[], str]] = []
    if world.on_their_way and day.weekday() in {0, 3}:
        acts.append(partial(import_statement, day, world))
    acts += [partial(match, line) for line in _to_do()]
    acts += [partial(send_back, one, minor) for one, minor in _old_credit(day)]
    acts += [partial(answer, one, rng, world) for one in _disputes(day)]
    by_month: dict[int, Callable[[], str]] = {
        3: partial(pay_out, day, world),
        5: partial(thank, rng), 12: partial(send_back_at_stripe, rng, world),
        16: partial(hold_or_release, day, rng), 22: partial(agree_plan, day, rng),
        27: partial(give_up, day),
    }  # fmt: skip
    if day.day in by_month:
        acts.append(by_month[day.day])
    for act in acts:
        try:
            year.count_of_treasurer(act())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            year.count_of_treasurer(f"refused: {type(refusal).__name__}")


def import_statement(day: date, world: Surroundings) -> str:
    """What was on its way is on the statement; the same file a second time adds nothing."""
    body = as_camt(world.on_their_way)
    file = dues.stage(body, f"statement-{day}.xml")
    added, _booked = dues.import_file(file, staff())
    again = dues.stage(body, f"statement-{day}-again.xml")
    if again.id != file.id or added != len(world.on_their_way):
        raise AssertionError(f"The statement of {day} did not come in once and whole.")
    world.on_their_way.clear()
    dues.book_certain(db.session.scalars(bank_lines("todo")).all(), staff())
    return "statement imported"


def pay_out(day: date, world: Surroundings) -> str:
    """What lies at Stripe goes to the bank, whose next statement has it."""
    made = world.sandbox.pay_out()
    home = association().currency
    world.on_their_way += [
        (day, one["amount"], "STRIPE", "", f"STRIPE PAYOUT {one['id']}")
        for one in made if one["currency"].upper() == home
    ]  # fmt: skip
    return "paid out by Stripe" if made else ""


def _to_do() -> Iterable[BankLine]:
    return db.session.scalars(bank_lines("todo").limit(20)).all()


def match(line: BankLine) -> str:
    """By hand, where something is proposed; else it is set aside."""
    found = proposals([line])[line.id]
    if found.payout_id:
        payout = db.session.get_one(Payout, found.payout_id)
        dues.book_payout(line, payout, found.ground or Ground.HAND, found.why, staff())
        return "payout matched"
    if found.payment_id:
        payment = db.session.get_one(Payment, found.payment_id)
        dues.book_payment(line, payment, found.ground or Ground.HAND, found.why, staff())
        return "bank line known by hand"
    if not found.shares:
        dues.set_aside(line, "Nobody knows what it is for: asked the bank.", staff())
        return "bank line set aside"
    shares = [(db.session.get_one(Invoice, number), minor) for number, minor in found.shares]
    dues.book(line, shares, found.ground or Ground.HAND, found.why, staff())
    return "bank line matched by hand"


def _old_credit(day: date) -> list[tuple[Payment, int]]:
    rows = db.session.execute(unallocated()).all()
    return [
        (one, int(minor)) for one, minor in rows
        if one.received_on <= day - PATIENCE and not is_disputed(one)
    ]  # fmt: skip


def send_back(payment: Payment, minor: int) -> str:
    """What is owed elsewhere is paid with it; the rest goes the way it came, or by bank."""
    owed = _owed_by(payment)
    if owed:
        dues.use_credit(owed)
        return "credit used"
    refused = any(one.status is RefundStatus.FAILED for one in refunds_of(payment))
    is_card = payment.may_go_back_to_card and not refused
    method = PaymentMethod.CARD if is_card else PaymentMethod.BANK
    sending = dues.Sending("It paid nothing", method, by=staff())
    dues.request_refund(payment, Money(minor, payment.currency), sending)
    return f"refund by {method.value}"


def _owed_by(payment: Payment) -> Invoice | None:
    if payment.organization_id is None:
        return None
    query = invoices(state="open", organization_id=payment.organization_id)
    return db.session.scalars(query.where(Invoice.currency == payment.currency)).unique().first()


def _disputes(day: date) -> list[Dispute]:
    """Those at the sandbox that somebody has thought about for three days."""
    found = open_disputes().where(Dispute.external_id != SEEDED)
    before = day - timedelta(days=3)
    return [one for one in db.session.scalars(found) if one.opened_at.date() <= before]


def answer(dispute: Dispute, rng: random.Random, world: Surroundings) -> str:
    """Evidence, given in Stripe's dashboard; the payer's bank decides at once."""
    is_won = rng.random() < 0.4
    evidence = {"evidence[uncategorized_text]": WINNING if is_won else "They are a member."}
    asked = evidence | {"submit": "true"}
    if not world.sandbox.dashboard(f"disputes/{dispute.external_id}", asked):
        return ""  # Stripe failed, or had decided and we have not heard
    return "dispute won" if is_won else "dispute lost"


def thank(rng: random.Random) -> str:
    """A tenth of some firm's dues is taken back, paid or not."""
    query = invoices(kind=InvoiceKind.DUES).where(Invoice.total_minor > 0).limit(40)
    invoice = rng.choice(db.session.scalars(query).unique().all())
    line = max(invoice.lines, key=lambda one: one.net_minor)
    share = {line.id: line.net_minor // 10}
    dues.credit(invoice, "Thanks for a site visit", CreditReason.GOODWILL, share)
    return "partly credited"


def send_back_at_stripe(rng: random.Random, world: Surroundings) -> str:
    """Somebody refunds a third of a card payment in Stripe's dashboard, and tells nobody."""
    query = select(Payment).where(
        Payment.method == PaymentMethod.CARD, Payment.external_id.startswith("pi_"),
        Payment.external_id.not_like("pi_demo%"),
    )  # fmt: skip
    found = db.session.scalars(query.order_by(Payment.id.desc()).limit(10)).all()
    if not found:
        return ""
    payment = rng.choice(found)
    asked: dict[str, str | int] = {
        "payment_intent": str(payment.external_id), "amount": payment.amount_minor // 3,
    }  # fmt: skip
    is_done = world.sandbox.dashboard("refunds", asked)
    return "refund at Stripe" if is_done else "refund at Stripe refused"


def _late(day: date, days: int) -> list[Invoice]:
    query = invoices(state="overdue", kind=InvoiceKind.DUES)
    found = db.session.scalars(query.where(Invoice.due_on <= day - timedelta(days=days)))
    return sorted(found.unique(), key=lambda one: one.id)


def hold_or_release(day: date, rng: random.Random) -> str:
    held = db.session.scalars(invoices(state="held")).unique().all()
    if held:
        dues.release_hold(held[0])
        return "hold released"
    late = _late(day, 10)
    if not late:
        return ""
    dues.put_on_hold(rng.choice(late), "A site was counted twice, they say", by=staff())
    return "put on hold"


def agree_plan(day: date, rng: random.Random) -> str:
    late = [one for one in _late(day, 20) if not bill(one).plan and not hold_of(one, day)]
    if not late:
        return ""
    invoice = rng.choice(late)
    dues.agree_plan(invoice, instalments(balance(invoice), day + timedelta(days=7), 3))
    return "plan agreed"


def give_up(day: date) -> str:
    late = _late(day, GIVEN_UP.days)
    if not late:
        return ""
    decision = Decision(
        body="board", decided_on=day, title=f"Invoice {late[0].number} given up",
        text="Nothing is left to collect.",
    )  # fmt: skip
    db.session.add(decision)
    dues.write_off(late[0], decision)
    return "written off"
