"""Which mails a person gets; stopping one from the mail itself."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal.core.access import public, signed_in
from portal.core.db import db
from portal.core.web import csrf, see_other
from portal.notices import actions, queries
from portal.notices.kinds import MAY_STOP, MUST

blueprint = Blueprint("notices", __name__)


@blueprint.route("/account/mail", methods=["GET", "POST"])
@signed_in
def mail() -> str | Response:
    form = FlaskForm()
    if form.validate_on_submit():
        actions.choose(current_user.id, request.form.getlist("kind"))
        db.session.commit()
        return see_other(url_for(".mail"), "Kept.")
    stopped = queries.stopped_kinds(current_user.id)
    return render_template(
        "notices/mail.html", form=form, must=MUST, may_stop=MAY_STOP, stopped=stopped
    )


@blueprint.route("/stop-mail/<string:token>", methods=["GET", "POST"])
@csrf.exempt  # a mail program presses this button; the token says who and what
@public
def stop_mail(token: str) -> str:
    found = actions.read_stop_token(token) or abort(404)
    if request.method == "POST":
        actions.stop(*found)
        db.session.commit()
    words = MAY_STOP[found[1]]
    return render_template("notices/stop_mail.html", words=words, done=request.method == "POST")
