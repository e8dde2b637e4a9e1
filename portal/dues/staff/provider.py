"""What Stripe told us, what it says beside what we say, and cards that could not be charged."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import jobs
from portal.core.access import Permission, requires
from portal.core.clock import now
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.dues import comparing, queries
from portal.dues.actions.inbox import look_again, set_aside
from portal.dues.forms import SetAsideForm
from portal.dues.models import AutomaticCharge, StripeEvent
from portal.dues.staff import blueprint

STATES = {"waiting": "Not looked into yet", "unmatched": "Unmatched", "set_aside": "Set aside"}


@blueprint.get("/events")
@requires(Permission.DUES_READ)
def events() -> str:
    state = request.args.get("state", "")
    page = paginate(queries.messages(state))
    return render_template("dues/staff_events.html", page=page, state=state, states=STATES)


@blueprint.post("/events/<int:message_id>/retry")
@requires(Permission.DUES_MANAGE)
def retry(message_id: int) -> ResponseReturnValue:
    message = find(StripeEvent, id=message_id)
    try:
        look_again(message)
    except Refused as refused:
        return see_other(url_for(".events"), str(refused), "needs")
    db.session.commit()
    return see_other(url_for(".events"), f"{message.event_id} is looked into again.")


@blueprint.route("/events/<int:message_id>/set-aside", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def put_aside(message_id: int) -> ResponseReturnValue:
    message, form = find(StripeEvent, id=message_id), SetAsideForm()
    if form.validate_on_submit():
        try:
            set_aside(message, form.reason.data)
        except Refused as refused:
            return see_other(url_for(".events"), str(refused), "needs")
        db.session.commit()
        return see_other(url_for(".events"), f"{message.event_id} is set aside.")
    return render_template("dues/staff_put_aside.html", form=form, message=message)


@blueprint.get("/reports/stripe")
@requires(Permission.DUES_READ)
def provider() -> str:
    """Stripe says, we say: as it was when they were compared last, and the days before."""
    return render_template(
        "dues/staff_provider.html",
        last=queries.last_report(),
        page=paginate(queries.comparisons()),
    )


@blueprint.get("/payouts")
@requires(Permission.DUES_READ)
def payouts() -> str:
    """What was paid to the bank, with its line there, and what still lies at Stripe."""
    page = paginate(queries.payouts())
    return render_template(
        "dues/staff_payouts.html", page=page, there=queries.at_stripe(),
        lines=queries.lines_of_payouts(one.id for one in page.items),
    )  # fmt: skip


@blueprint.post("/reports/stripe/compare")
@requires(Permission.DUES_MANAGE)
def compare_now() -> ResponseReturnValue:
    jobs.queue(comparing.compare, key=f"compare:{now().timestamp()}")
    db.session.commit()
    return see_other(url_for(".provider"), "They are being compared. Look again in a minute.")


@blueprint.get("/cards")
@requires(Permission.DUES_READ)
def cards() -> str:
    """Charges after which no other follows by itself, while something is still owed."""
    page = paginate(queries.for_a_person())
    return render_template("dues/staff_cards.html", page=page, bills=_bills(page.items))


def _bills(charges: list[AutomaticCharge]) -> dict[int, queries.Bill]:
    found = queries.bills([one.attempt.invoice for one in charges])
    return {one.invoice.id: one for one in found}
