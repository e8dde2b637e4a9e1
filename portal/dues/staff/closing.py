"""Closing the books: the year-end list, closing until a day, opening again."""

from datetime import date

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.filters import day
from portal.core.web import day_asked, see_other, tried
from portal.dues import actions, queries
from portal.dues.money_forms import CloseForm, ReopenForm
from portal.dues.staff import blueprint


def asked_day() -> date:
    """The day in the address; the end of last year when none is."""
    return day_asked("until") or date(today().year - 1, 12, 31)


@blueprint.route("/close", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def close() -> ResponseReturnValue:
    until = asked_day()
    form = CloseForm(until_on=until)
    if form.validate_on_submit() and (answer := tried(form, lambda: _close(form))):
        return answer
    return render_template(
        "dues/staff_close.html", form=form, until=until, closed=queries.closed_until(),
        checks=queries.year_end_checks(until),
    )  # fmt: skip


def _close(form: CloseForm) -> Response:
    actions.close_books(form.until_on.data, form.reason.data)
    db.session.commit()
    words = f"The books are closed until {day(form.until_on.data)}."
    return see_other(url_for("dues_staff.close"), words)


@blueprint.route("/close/reopen", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def reopen() -> ResponseReturnValue:
    form = ReopenForm()
    if form.validate_on_submit() and (answer := tried(form, lambda: _reopen(form))):
        return answer
    closed = queries.closed_until()
    return render_template("dues/staff_reopen.html", form=form, closed=closed)


def _reopen(form: ReopenForm) -> Response:
    until = form.until_on.data
    actions.reopen_books(until, form.reason.data)
    db.session.commit()
    words = f"The books are closed until {day(until)} only." if until else "The books are open."
    return see_other(url_for("dues_staff.close"), words)
