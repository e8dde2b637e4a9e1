"""Money that did not simply come: credit, a refund, a dispute, a plan, a hold, a write-off."""

from collections.abc import Iterator
from datetime import timedelta

from portal.core import clock
from portal.core.db import db
from portal.core.money import Money
from portal.core.stripe_gateway import DisputeReceipt
from portal.demo.seed.firms import NAMED, Step, World, at
from portal.dues import actions as dues
from portal.dues import queries
from portal.dues.instalments import instalments
from portal.dues.models import ApprovalKind, CreditReason, Invoice, InvoiceKind, PaymentMethod
from portal.members.models import Decision

FAVOUR = 25000  # minor units
DAYS_TO_ANSWER = 7
PAYING = ("Dapdap", "Deodar", "Guayacán", "Meidoorn")  # their money is on the bank statements
DISPUTED = "demo_disputed"  # no number of Stripe's


def steps(world: World) -> Iterator[Step]:
    """The last days before today, when every claim of the year is made.

    The card was charged before the days that are compared with Stripe, where nothing is invented.
    """
    made = _Corrections(world)
    for days, act in (
        (33, made.pay_by_card), (9, made.favour), (8, made.send_back), (7, made.plan), (6, made.hold),
        (5, made.write_off), (4, made.dispute), (3, made.for_two),
    ):  # fmt: skip
        yield at(world.today - timedelta(days=days), 16), act


class _Corrections:
    def __init__(self, world: World) -> None:
        self.world = world

    def _overdue(self, position: int) -> Invoice | None:
        """One of the dues that are late, the oldest first; the lapsed firm's stay as they are."""
        spared = self.world.firms[NAMED["lapsed"][0]].id
        late = queries.invoices(state="overdue", kind=InvoiceKind.DUES)
        query = late.where(Invoice.organization_id != spared).order_by(None).order_by(Invoice.id)
        found = [
            one for one in db.session.scalars(query).unique()
            if not queries.bill(one).plan and not queries.hold_of(one, clock.now().date())
        ]  # fmt: skip
        return found[position] if len(found) > position else None

    def favour(self) -> None:
        """A part of the manager's dues is taken back: the firm has credit to use."""
        firm = self.world.firms[NAMED["manager"][0]]
        paid = queries.invoices(state="paid", kind=InvoiceKind.DUES, organization_id=firm.id)
        invoice = db.session.scalars(paid).unique().first()
        if invoice and invoice.lines[0].net_minor > FAVOUR:
            reason = "Thanks for hosting the last meeting"
            lines = {invoice.lines[0].id: FAVOUR}
            dues.credit(invoice, reason, CreditReason.GOODWILL, lines)

    def send_back(self) -> None:
        """Half of what another firm paid too much, by bank."""
        spared = self.world.firms[NAMED["manager"][0]].id
        for payment, rest in db.session.execute(queries.unallocated()):
            if payment.organization_id != spared and rest > 1:
                sending = dues.Sending(
                    "Half of what was paid too much, as the firm asked", PaymentMethod.BANK,
                    by=self.world.people["finance"],
                )  # fmt: skip
                dues.request_refund(payment, Money(int(rest) // 2, payment.currency), sending)
                return

    def plan(self) -> None:
        if invoice := self._overdue(2):
            owed, first = queries.balance(invoice), clock.now().date() + timedelta(days=10)
            dues.agree_plan(invoice, instalments(owed, first, 3))

    def hold(self) -> None:
        if invoice := self._overdue(1):
            reason = "The firm says that a site was counted twice"
            dues.put_on_hold(invoice, reason, by=self.world.people["finance"])

    def write_off(self) -> None:
        late = self._overdue(0)
        if late is None or (clock.now().date() - late.due_on).days < 90:
            return
        decision = Decision(
            body="board", decided_on=clock.now().date(), title=f"Invoice {late.number} given up",
            text="The firm has closed its doors; nothing is left to collect.",
        )  # fmt: skip
        db.session.add(decision)
        dues.write_off(late, decision)

    def for_two(self) -> None:
        """The treasurer proposes to give up the largest late claim: a colleague has to approve."""
        late = [
            one for n in range(9)
            if (one := self._overdue(n)) and not one.bill_to["name"].startswith(PAYING)
        ]  # fmt: skip
        late.sort(key=lambda one: queries.balance(one).minor)
        if late:
            facts = {
                "reason": "The firm is in liquidation, says its receiver", "body": "board",
                "decided_on": clock.now().date().isoformat(),
            }  # fmt: skip
            owed, by = queries.balance(late[-1]), self.world.people["finance"]
            dues.propose(ApprovalKind.WRITE_OFF, late[-1], owed, facts, by)

    def pay_by_card(self) -> None:
        """A late invoice is paid by card at last."""
        invoice = self._overdue(0)
        if invoice:
            owed = queries.balance(invoice)
            arrived = dues.Arrival(
                owed, clock.now().date(), invoice.organization_id, PaymentMethod.CARD, DISPUTED
            )
            dues.receive(arrived, [(invoice, owed.minor)])

    def dispute(self) -> None:
        """The payer's bank takes that payment back."""
        payment, now = queries.payment_of_intent(DISPUTED), clock.now()
        if payment is None:
            return
        due = int((now + timedelta(days=DAYS_TO_ANSWER)).timestamp())
        dues.apply_dispute(
            DisputeReceipt(
                dispute_id="du_demo", payment_intent=DISPUTED, money=payment.money,
                status="open", reason="product not received", opened=int(now.timestamp()),
                evidence_due=due,
            )
        )  # fmt: skip
