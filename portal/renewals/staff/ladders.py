"""The ladders of reminders: which hold, which held or will, and the next ones by a decision."""

from datetime import timedelta

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import see_other
from portal.dues.staff.writing import decision_of
from portal.members.queries import register
from portal.renewals import actions, queries
from portal.renewals.ladder_forms import LADDER_WORDS, LEADS_TO_WORDS, LaddersForm, rows_of
from portal.renewals.ladders import SHIPPED, Ladder, Ladders, Step
from portal.renewals.staff import blueprint


@blueprint.get("/ladders")
@requires(Permission.DUES_READ)
def ladders() -> str:
    """Every version, the latest first; those that the portal came with are the last."""
    day, tables = today(), db.session.scalars(queries.ladder_tables()).all()
    found = [
        (Ladders(one.effective_from, tuple(map(Step.kept, one.steps))), one.decision)
        for one in tables
    ]
    return render_template(
        "renewals/staff_ladders.html", versions=[*found, (SHIPPED, None)], ladders=list(Ladder),
        now=queries.ladders_on([day])[day].begins, words=LADDER_WORDS, stages=LEADS_TO_WORDS,
    )  # fmt: skip


@blueprint.route("/ladders/adopt", methods=["GET", "POST"])
@requires(Permission.FIRMS_MANAGE)
def adopt_ladders() -> ResponseReturnValue:
    """The next steps, by a decision; the form begins with those adopted last."""
    tomorrow = today() + timedelta(days=1)
    form = LaddersForm(
        register(), today(), title="Reminders adopted", effective_from=tomorrow,
        steps=rows_of(queries.ladders_over_time()[-1].steps),
    )  # fmt: skip
    if form.validate_on_submit():
        try:
            made = actions.adopt_ladders(form.told(), form.effective_from.data, decision_of(form))
        except Refused as why:
            db.session.rollback()
            form.form_errors.append(str(why))
        else:
            db.session.commit()
            words = f"These steps hold from {made.effective_from:%d %B %Y} on."
            return see_other(url_for(".ladders"), words)
    return render_template("renewals/staff_ladders_adopt.html", form=form)
