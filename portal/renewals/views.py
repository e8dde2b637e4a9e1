"""A firm's own membership: what comes next, changing its size, leaving, its data."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.forms import PageForm
from portal.core.money import Money, parse
from portal.core.states import Refused
from portal.core.web import see_other
from portal.dues.declaring import unit_of
from portal.dues.models import Declaration, Tariff
from portal.dues.number_fields import PREFIX, as_filled, numbers_in
from portal.dues.periods import NotQuotable, in_words
from portal.dues.queries import paying_firm_ids, tariff_on
from portal.dues.queries.claimed import invoices_out
from portal.dues.queries.early import early_offer
from portal.dues.rules import titled
from portal.members import queries as members
from portal.members.models import CLASS_NAMES, FirmRole, Organization, Term
from portal.members.policy import FEATURE_WORDS
from portal.members.powers import Power, may
from portal.members.queries import size_of
from portal.renewals import actions, queries
from portal.renewals.forms import (
    ChoiceForm,
    ConvertForm,
    ResignForm,
    choice_form,
    numbers_form,
)
from portal.renewals.history import features_of
from portal.renewals.models import Renewal, TermChange
from portal.renewals.offers import Offer, offer_for
from portal.renewals.pipeline import Stage
from portal.renewals.prices import size_of_next
from portal.renewals.shown import Mine, class_shown, keep_to_it, mine, told_of
from portal.renewals.sold import numbers_next

blueprint = Blueprint("renewals", __name__, url_prefix="/firm")
blueprint.url_defaults(keep_to_it)


@blueprint.get("/membership")
@requires(Permission.FIRM_READ)
def membership() -> str:
    """For who pays, and for the roster manager, who may resign and sees no prices."""
    here = mine(FirmRole.ROSTER_MANAGER) if _may_resign() else mine()
    return _page(here, offer_for(here.term), _choice_form(here))


def _choice_form(here: Mine) -> ChoiceForm:
    """As last told; for a term after this one, by the tariff of its first day."""
    if here.term is None:
        return choice_form(None, "")
    renewal = queries.renewal_of(here.term) or Renewal(term=here.term)
    tariff = _next_tariff(here.term)
    gift = Money(renewal.gift_minor, tariff.currency) if tariff and renewal.gift_minor else None
    return choice_form(
        tariff, here.term.membership.kind.value, seats=size_of_next(renewal).seats,
        gift=gift.figures if gift else "",
    )  # fmt: skip


def _gift_in(form: ChoiceForm, term: Term) -> int:
    tariff = _next_tariff(term)
    given = form["gift"].data if "gift" in form else ""
    return parse(given, tariff.currency).minor if tariff and given else 0


def _next_tariff(term: Term) -> Tariff | None:
    try:
        return tariff_on(term.membership.organization, term.end_on + timedelta(days=1))
    except NotQuotable:
        return None


def _numbers(term: Term) -> list[tuple[str, str, Declaration | None]]:
    """What the next dues follow from, each with its unit and who signed it, if anybody did."""
    renewal, tariff = queries.renewal_of(term) or Renewal(term=term), _next_tariff(term)
    if tariff is None:
        return []
    return [
        (titled(metric), f"{value} {unit_of(metric, tariff.currency)}", one)
        for metric, value, one in numbers_next(renewal, tariff)
    ]  # fmt: skip


def _page(here: Mine, offer: Offer | None, form: ChoiceForm) -> str:
    loaded = members.firm_with_terms().where(Organization.id == here.firm.id)
    firm = db.session.scalars(loaded).unique().one()
    return render_template(
        "renewals/membership.html", firm=firm, offer=offer,
        early=early_offer(offer.bill.invoice) if offer and offer.bill else None, form=form,
        resignation=queries.resignation_of(here.term.membership) if here.term else None,
        day=today(), **told_of(firm, here.term, ".membership"),
        kind=CLASS_NAMES[here.term.membership.kind] if here.term else "",
        gives=[FEATURE_WORDS[one] for one in features_of(firm)],
        has_data=members.still_has_data(firm),
        converts=here.term is not None and actions.may_convert(here.term),
        manages=_may_resign(), pays=here.firm.id in paying_firm_ids(current_user.id),
        running=here.term and queries.term_on(
            here.term.membership_id, today()
        ),
        numbers=_numbers(offer.term) if offer and offer.may_declare else [], signs=_may_sign(),
    )  # fmt: skip


def _may_resign() -> bool:
    held = members.affiliation_of(current_user)
    return held is not None and FirmRole.ROSTER_MANAGER in held.roles


def _may_sign() -> bool:
    held = members.affiliation_of(current_user)
    return held is not None and may(Power.SIGN, held.roles)


@blueprint.post("/membership/choose")
@requires(Permission.FIRM_PAY)
def choose() -> ResponseReturnValue:
    """Seats and a gift, for the next term."""
    here = mine()
    form = _choice_form(here)
    offer = offer_for(here.term)
    if offer is None or not offer.may_declare:
        raise Refused("There is nothing to choose now: the renewal is not open.")
    if not form.validate_on_submit():
        return _page(here, offer, form)
    by = current_user._get_current_object()
    renewal = actions.open_window(offer.term)
    gift = _gift_in(form, offer.term)
    actions.choose(renewal, form.data.get("seats"), by, gift)
    db.session.commit()
    return see_other(url_for(".membership"), "Thank you: the next term is reckoned with these.")


@blueprint.post("/membership/renew")
@requires(Permission.FIRM_PAY)
def renew() -> ResponseReturnValue:
    """Have the invoice for the next term now, and again after it was dropped."""
    offer = offer_for(mine().term)
    if offer is None or not offer.may_renew:
        raise Refused("There is nothing to renew now.")
    invoice = actions.issue(actions.open_window(offer.term))
    db.session.commit()
    return see_other(url_for("dues.show", invoice_id=invoice.id), "This is for the next term.")


@blueprint.post("/membership/come-back")
@requires(Permission.FIRM_PAY)
def come_back() -> ResponseReturnValue:
    here = mine()
    if here.term is None:
        raise Refused("There is no membership to come back to. Please join.")
    seen, now = request.form.get("seen", ""), offer_for(here.term)
    if now and now.may_come_back and seen not in {"", str(now.total[1].minor)}:
        words = f"What it costs has changed meanwhile. It is now {now.total[1]}: look at it first."
        return see_other(url_for(".membership"), words, "needs")
    invoice = actions.come_back(here.term)
    db.session.commit()
    words = "This is the invoice for coming back. The membership begins when it is paid."
    return see_other(url_for("dues.show", invoice_id=invoice.id), words)


@blueprint.route("/membership/change", methods=["GET", "POST"])
@requires(Permission.FIRM_PAY)
def change() -> ResponseReturnValue:
    """First the price of the change, at an address of its own; then, sent again, the change."""
    term = mine().running
    numbers = actions.numbers_now(term)
    form, found = numbers_form(PageForm, numbers, data=as_filled(numbers)), None
    if numbers and form.validate_on_submit():
        try:
            made = actions.change(
                term, numbers_in(form), "Told by the firm", current_user._get_current_object(),
            )  # fmt: skip
        except (Refused, NotQuotable) as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            db.session.commit()
            return _after_change(made)
    elif request.method == "GET" and f"{PREFIX}{next(iter(numbers), '')}" in request.args:
        form, found = _asked(term, numbers)
    held = term.membership
    return render_template(
        "renewals/change.html", form=form, found=found, term=term, seats=size_of(term),
        numbers=numbers, named=titled, sold=[term, *queries.terms_after(term)],
        out=invoices_out(held.organization_id, found.after, held.id) if found else [],
    )  # fmt: skip


def _asked(term: Term, numbers: Iterable[str]) -> tuple[PageForm, actions.Preview | None]:
    form: PageForm = numbers_form(PageForm, numbers, request.args, meta={"csrf": False})
    if not form.validate():
        return form, None
    try:
        return form, actions.preview(term, numbers_in(form))
    except (Refused, NotQuotable) as why:
        form.form_errors.append(str(why))
        return form, None


def _after_change(made: Sequence[TermChange]) -> ResponseReturnValue:
    charged = [(one, one.invoice) for one in made if one.invoice]
    if not charged:
        first = made[-1].term.end_on + timedelta(days=1)
        which = "the next term" if len(made) == 1 else f"the term from {in_words(first)}"
        words = f"Kept. Nothing is charged or given back now: it counts from {which} on."
        return see_other(url_for(".membership"), words)
    words = f"Kept. This invoice is for {_days_of(charged[0][0])}."
    words += "".join(f" {bill.number} is for {_days_of(one)}." for one, bill in charged[1:])
    return see_other(url_for("dues.show", invoice_id=charged[0][1].id), words)


def _days_of(made: TermChange) -> str:
    if made.on > today():
        return f"the whole term from {in_words(made.on)}"
    return "the days that are left of this term"


@blueprint.route("/membership/convert", methods=["GET", "POST"])
@requires(Permission.FIRM_PAY)
def convert() -> ResponseReturnValue:
    """A trial becomes a membership today: the price and the date first, then the invoice."""
    term, form, day = mine().running, ConvertForm(), today().isoformat()
    is_sent = form.validate_on_submit()
    known = queries.renewal_of(term)
    if known and known.invoice_id and known.cuts_short:
        return see_other(url_for("dues.show", invoice_id=known.invoice_id))
    if is_sent and form.day.data == day:
        invoice = actions.convert(term)
        db.session.commit()
        words = "This is for the membership from today on. The trial ends when it is paid."
        return see_other(url_for("dues.show", invoice_id=invoice.id), words)
    quote = actions.conversion_of(term)
    offer = Offer(term, Stage.NOT_OPEN, None, None, (quote,))
    return render_template(
        "renewals/convert.html", term=term, offer=offer, has_changed=is_sent,
        form=ConvertForm(formdata=None, day=day),
    )  # fmt: skip


@blueprint.route("/membership/resign", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def resign() -> ResponseReturnValue:
    here, form = mine(FirmRole.ROSTER_MANAGER), ResignForm()
    held = here.membership
    if form.validate_on_submit():
        by = current_user._get_current_object()
        made = actions.resign(held, today(), form.reason.data, by)
        db.session.commit()
        last = f"{made.leaves_on.day} {made.leaves_on:%b %Y}"
        return see_other(url_for(".membership"), f"Noted. Your last day as a member is {last}.")
    if left := queries.resignation_of(held):
        words = "You have told us already that you leave."
        if left.decision_id:
            words = "The membership ends by a decision: you need not leave it."
        return see_other(url_for(".membership"), words)
    last_day = actions.last_day(held, today())
    return render_template(
        "renewals/resign.html",
        form=form,
        last_day=last_day,
        firm=here.firm,
        term=here.term,
        kind=class_shown(),
    )


@blueprint.post("/membership/stay")
@requires(Permission.FIRM_MANAGE)
def stay() -> ResponseReturnValue:
    leaving = queries.resignation_of(mine(FirmRole.ROSTER_MANAGER).membership) or abort(404)
    returns = actions.stay(leaving, "Taken back by the firm")
    db.session.commit()
    words = "The membership goes on as it was."
    if returns:
        words = (
            "The invoice for the next term was taken back when you left: a new one comes by "
            "itself, and what you had paid is your credit."
        )
    return see_other(url_for(".membership"), f"Good: you stay. {words}")
