"""Invoices as firms see them, and as whoever holds the pay link sees them."""

from dataclasses import dataclass

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import documents
from portal.core.access import Permission, public, requires, signed_in
from portal.core.db import db, writing
from portal.core.links import link
from portal.core.states import Refused
from portal.core.stripe_gateway import StripeAway, gateway
from portal.core.web import find, paginate, see_other
from portal.dues import actions, cards, consent, papers, queries, signals
from portal.dues.forms import AddressForm
from portal.dues.models import LIVE, AttemptStatus, CreditNote, Invoice, InvoiceKind
from portal.dues.queries.early import early_offer
from portal.dues.queries.late import interest_to_date
from portal.dues.queries.payers import is_now
from portal.dues.references import in_fours
from portal.dues.views import blueprint
from portal.members.queries import firm_of

LEFT = "You left the card page. Nothing was charged: you can try again, or pay by bank transfer."
NOT_CHARGED = "The card was not charged. You can try again, or pay by bank transfer."
NO_MONEY_YET = "No card payment has arrived for this invoice. You can start one below."
LOOK_AGAIN = 5  # seconds


@dataclass(frozen=True)
class Way:
    """How somebody came to an invoice, and where its pages are for them."""

    invoice: Invoice
    token: str | None = None
    acts: bool = True  # may send it on and renew its link; staff who only read may not
    pays: bool = True  # may start a card payment; a delegate only sees it

    @property
    def may_keep(self) -> bool:
        """Whoever deals with the firm's money may let us keep the card that pays its dues."""
        firm_id = self.invoice.organization_id
        is_dues = self.invoice.kind is InvoiceKind.DUES and not self.token
        is_dues = is_dues and not self.invoice.paid_by
        return is_dues and firm_id in queries.paying_firm_ids(current_user.id)

    @property
    def is_own(self) -> bool:
        """Its own people are here and pay what somebody else was asked to."""
        is_for = bool(self.invoice.paid_by) and not self.token
        return is_for and self.invoice.organization_id in queries.paying_firm_ids(current_user.id)

    @property
    def above(self) -> tuple[str, str]:
        """The list that this invoice was found in, by name and address."""
        if current_user.is_staff:
            return "Dues", url_for("dues_staff.index")
        return "Invoices", url_for(".index")

    def url(self, what: str = "") -> str:
        if self.token:
            return url_for(f".pay_link{what and '_' + what}", token=self.token)
        return url_for(f".{what or 'show'}", invoice_id=self.invoice.id)


def by_id(invoice_id: int) -> Way:
    """The invoice, for those of its firm who see them, and for staff who may read it."""
    invoice = find(Invoice, id=invoice_id)
    is_mine = invoice.organization_id in queries.payer_firm_ids(current_user.id)
    if not is_mine and not current_user.may(Permission.DUES_READ):
        abort(404)
    pays = is_mine and invoice.organization_id in queries.paying_firm_ids(current_user.id)
    return Way(
        invoice, acts=pays or current_user.may(Permission.DUES_MANAGE),
        pays=pays or current_user.may(Permission.DUES_READ),
    )  # fmt: skip


def to_act(invoice_id: int) -> Way:
    """The invoice, for whoever may send it on: 403 for those who may only read it."""
    way = by_id(invoice_id)
    return way if way.acts else abort(403)


def by_link(token: str) -> Way:
    found = db.session.scalars(queries.live_link(token)).unique().one_or_none() or abort(404)
    return Way(found.invoice, token)


@blueprint.get("/firm/invoices")
@requires(Permission.FIRM_READ)
def index() -> str:
    firm, firm_ids = firm_of(current_user), queries.payer_firm_ids(current_user.id)
    page = paginate(queries.invoices_of(firm_ids))
    return render_template(
        "dues/index.html", page=page, bills=queries.bills(page.items), sees_money=bool(firm_ids),
        ask=queries.payers_of(firm.id) if firm and not firm_ids else [],
        credit=queries.left_of(firm_ids),
    )  # fmt: skip


@blueprint.get("/invoices/<int:invoice_id>")
@signed_in
def show(invoice_id: int) -> str:
    return page_of(by_id(invoice_id))


@blueprint.get("/pay/<string:token>")
@public  # whoever has the link may see and pay; it can be revoked
def pay_link(token: str) -> str:
    return page_of(by_link(token))


def page_of(way: Way, problem: str = "") -> str:
    invoice = way.invoice
    bill, early = queries.bill(invoice), early_offer(invoice)
    to_pay = early[1] if early else bill.balance
    return render_template(
        "dues/show.html", way=way, bill=bill, invoice=invoice,
        payments=queries.payments_of(invoice), mails=queries.mails_of(invoice),
        reference=in_fours(invoice.reference), code=papers.transfer_code(invoice, to_pay),
        notes=queries.credit_notes_of(invoice) if not way.token else (),
        credit=queries.credit_for(invoice) if way.acts and not way.token else None,
        names_payer=way.is_own and is_now(firm_of(current_user), invoice.organization_id),
        takes_cards=gateway().is_configured, consent=consent.WORDS[consent.VERSION],
        early=early, to_pay=to_pay, problem=problem or _left_cards(bill),
        charge=queries.next_charge(invoice),
        hold=queries.hold_of(invoice, today()), interest=interest_to_date(bill),
        gift=actions.without_gift(invoice) if way.acts else None,
        said=[words for _, words in signals.invoice_shown.send(invoice) if words],
    )  # fmt: skip


def _left_cards(bill: queries.Bill) -> str:
    return LEFT if request.args.get("card") == "left" and bill.balance else ""


@blueprint.get("/invoices/<int:invoice_id>/pdf")
@signed_in
def pdf(invoice_id: int) -> Response:
    return as_pdf(by_id(invoice_id).invoice)


@blueprint.get("/pay/<string:token>/pdf")
@public
def pay_link_pdf(token: str) -> Response:
    return as_pdf(by_link(token).invoice)


def as_pdf(row: Invoice | CreditNote) -> Response:
    made = (
        papers.of_invoice(queries.bill(row)) if isinstance(row, Invoice) else papers.of_note(row)
    )
    body = documents.pdf(made.template, made.facts)
    headers = {"Content-Disposition": f'inline; filename="{row.number}.pdf"'}
    return Response(body, content_type="application/pdf", headers=headers)


@blueprint.get("/invoices/<int:invoice_id>/credit-notes/<int:note_id>")
@signed_in
def credit_note(invoice_id: int, note_id: int) -> Response:
    invoice = by_id(invoice_id).invoice
    return as_pdf(queries.note_with_lines(note_id, invoice.id) or abort(404))


@blueprint.post("/invoices/<int:invoice_id>/use-credit")
@signed_in
def use_credit(invoice_id: int) -> ResponseReturnValue:
    """What the payer has left pays the invoice, for its dues contact and for finance staff."""
    way = to_act(invoice_id)
    used = actions.use_credit(way.invoice)
    db.session.commit()
    here = "dues_staff.show" if current_user.is_staff else ".show"
    url = url_for(here, invoice_id=invoice_id)
    return see_other(url, f"{used} of the credit now pays this invoice.")


@blueprint.post("/invoices/<int:invoice_id>/leave-gift-out")
@signed_in
def leave_gift_out(invoice_id: int) -> ResponseReturnValue:
    return _without_gift(to_act(invoice_id))


@blueprint.post("/pay/<string:token>/leave-gift-out")
@public
def pay_link_leave_gift_out(token: str) -> ResponseReturnValue:
    return _without_gift(by_link(token))


def _without_gift(way: Way) -> ResponseReturnValue:
    actions.leave_gift_out(way.invoice)
    db.session.commit()
    return see_other(way.url(), "The gift is left out: a credit note takes it back.")


@blueprint.post("/invoices/<int:invoice_id>/pay")
@signed_in
def pay(invoice_id: int) -> ResponseReturnValue:
    way = by_id(invoice_id)
    if not way.pays:
        abort(403)
    keeps = bool(request.form.get("keep")) and way.may_keep
    return to_the_card_page(way, current_user._get_current_object() if keeps else None)


@blueprint.post("/pay/<string:token>/pay")
@public
def pay_link_pay(token: str) -> ResponseReturnValue:
    return to_the_card_page(by_link(token))


def to_the_card_page(way: Way, keeper: Person | None = None) -> ResponseReturnValue:
    try:
        return see_other(cards.start(way.invoice.id, way.url(), keeper, is_own=way.is_own))
    except StripeAway as away:
        db.session.rollback()
        return page_of(way, str(away)), 503
    except Refused as refused:
        db.session.rollback()
        return see_other(way.url(), str(refused), "needs")


@blueprint.get("/invoices/<int:invoice_id>/return")
@signed_in
def returned(invoice_id: int) -> ResponseReturnValue:
    return after_the_card_page(by_id(invoice_id))


@blueprint.get("/pay/<string:token>/return")
@public
def pay_link_returned(token: str) -> ResponseReturnValue:
    return after_the_card_page(by_link(token))


def after_the_card_page(way: Way) -> ResponseReturnValue:
    """Book what Stripe says now; "being confirmed" until it is booked, looking again by itself."""
    attempt = queries.last_attempt(way.invoice.id)
    if attempt is None:
        return see_other(way.url())
    attempt_id, is_away = attempt.id, False
    if attempt.status in LIVE:
        try:
            with writing():
                cards.look(attempt_id)
        except StripeAway:
            db.session.rollback()
            is_away = True
    attempt = queries.last_attempt(way.invoice.id)
    status = attempt.status if attempt else AttemptStatus.CANCELLED
    if is_away or status is AttemptStatus.PROCESSING:
        answer = make_response(render_template("dues/returned.html", way=way))
        answer.headers["Refresh"] = str(LOOK_AGAIN)
        return answer
    if status is AttemptStatus.SUCCEEDED:
        to = _receiver(way.invoice)
        return see_other(way.url(), f"Paid, thank you. The receipt is on its way to {to}.")
    words = NO_MONEY_YET if status in LIVE else NOT_CHARGED
    return see_other(way.url(), words, "needs")


def _receiver(invoice: Invoice) -> str:
    """Who gets the receipt; whoever pays by a link is told no address of a person."""
    printed = str(invoice.to.get("email") or "")
    if queries.addresses_of(invoice) == [printed]:
        return printed
    if invoice.paid_by:
        return f"{invoice.paid_by['name']} and {invoice.bill_to['name']}"
    return f"the dues contact of {invoice.bill_to['name']}" if invoice.organization else "you"


@blueprint.route("/invoices/<int:invoice_id>/forward", methods=["GET", "POST"])
@signed_in
def forward(invoice_id: int) -> ResponseReturnValue:
    way, form = to_act(invoice_id), AddressForm()
    if form.validate_on_submit():
        to = form.email.data
        actions.mail_invoice(way.invoice, to, sender=current_user.display_name)
        db.session.commit()
        return see_other(way.url(), f"The invoice and its pay link are on their way to {to}.")
    return render_template("dues/forward.html", form=form, way=way, invoice=way.invoice)


@blueprint.route("/invoices/<int:invoice_id>/pay-link", methods=["GET", "POST"])
@signed_in
def renew_link(invoice_id: int) -> ResponseReturnValue:
    way = to_act(invoice_id)
    if request.method == "POST":
        actions.renew_pay_link(way.invoice)
        db.session.commit()
        words = "This is a new link. The one that was mailed before no longer works."
        return see_other(way.url("renew_link"), words)
    live = queries.link_of(way.invoice)
    address = link("dues.pay_link", token=live.token) if live else ""
    return render_template("dues/renew_link.html", way=way, invoice=way.invoice, address=address)
