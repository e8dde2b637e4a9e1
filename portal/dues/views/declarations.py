"""What a firm declares of itself: the effect first, then the signature."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import see_other
from portal.dues import actions, queries
from portal.dues.forms import SOURCES, DeclareForm, declare_form
from portal.dues.models import Source
from portal.dues.queries.claimed import invoices_out
from portal.dues.rules import titled
from portal.dues.views import blueprint
from portal.members.models import Counting, Organization
from portal.members.powers import Power, may
from portal.members.queries import affiliation_of
from portal.members.words import COUNTINGS


def declaring_firm() -> Organization:
    """The firm that the signed-in person may sign for; 404 without that role in it."""
    held = affiliation_of(current_user)
    if held is None or not may(Power.SIGN, held.roles):
        abort(404)
    return held.organization


@blueprint.route("/firm/declaration", methods=["GET", "POST"])
@requires(Permission.FIRM_DECLARE)
def declaration() -> ResponseReturnValue:
    """New numbers, then what they change, and only then the signature."""
    mine = declaring_firm()
    asked = queries.asked_of(mine)
    if asked is None or not asked.metrics:
        return _declared_page(mine, asked, None)
    form = declare_form(asked.metrics, data=_as_it_is(asked))
    if not form.validate_on_submit() or request.form.get("step") == "change":
        return _declared_page(mine, asked, form)
    numbers = form.numbers(asked.metrics)
    if request.form.get("step") == "sign" and "sign" in request.form:
        told = _told(form, asked)
        actions.sign(mine, told, current_user.id, currency=asked.tariff.currency)
        db.session.commit()
        return see_other(url_for(".declaration"), "The declaration is signed and kept.")
    then = queries.dues_with(asked, {metric: f"{value:f}" for metric, value in numbers.items()})
    return render_template(
        "dues/declaration_check.html", form=form, asked=asked, numbers=numbers, named=titled,
        before=queries.dues_with(asked, asked.now), then=then, sources=SOURCES, firm=mine,
        unsigned=request.form.get("step") == "sign",
        out=invoices_out(mine.id, _counting(form, asked), until=form.period_end.data),
    )  # fmt: skip


def _counting(form: DeclareForm, asked: queries.Asked) -> dict[str, str]:
    """Without numbers for a period before the one that was declared last."""
    last, told = form.period_end.data, form.numbers(asked.metrics)
    return {
        metric: f"{value:f}" for metric, value in told.items()
        if metric not in asked.declared or asked.declared[metric].period_end <= last
    }  # fmt: skip


def _declared_page(
    mine: Organization, asked: queries.Asked | None, form: DeclareForm | None
) -> str:
    return render_template(
        "dues/declaration.html", firm=mine, asked=asked, form=form, named=titled, sources=SOURCES,
        rows=queries.declarations_of(mine.id),
    )  # fmt: skip


def _as_it_is(asked: queries.Asked) -> dict[str, object]:
    numbers = {f"value_{one.metric}": one.value for one in asked.declared.values()}
    start, end = asked.period
    facts = {"period_start": start, "period_end": end, "scope": asked.counting}
    return facts | {"source": Source.SELF} | numbers


def _told(form: DeclareForm, asked: queries.Asked) -> list[actions.Told]:
    period = (form.period_start.data, form.period_end.data)
    scope = COUNTINGS[Counting(form.scope.data)]
    return [
        actions.Told(metric, value, period, scope, Source(form.source.data))
        for metric, value in form.numbers(asked.metrics).items()
    ]
