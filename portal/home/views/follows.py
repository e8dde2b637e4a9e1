"""All that a person follows, each with a way to stop."""

from flask import render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.access import signed_in
from portal.core.db import db
from portal.core.web import find, see_other
from portal.home.followed import followed_by
from portal.home.views.pages import blueprint
from portal.notices.models import Follow


@blueprint.get("/account/follows")
@signed_in
def follows() -> str:
    mine = followed_by(current_user._get_current_object())
    return render_template("home/follows.html", mine=mine)


@blueprint.post("/account/follows/<int:follow_id>/stop")
@signed_in
def stop_following(follow_id: int) -> Response:
    db.session.delete(find(Follow, id=follow_id, person_id=current_user.id))
    db.session.commit()
    return see_other(url_for(".follows"), "You do not follow it any more.")
