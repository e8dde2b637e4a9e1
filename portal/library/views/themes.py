"""A member follows a theme of the library."""

from flask import abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import see_other
from portal.library import themes
from portal.library.reading_forms import FollowForm
from portal.library.taxonomy import facets
from portal.library.views.reading import blueprint
from portal.notices.actions import unfollow
from portal.notices.models import Often
from portal.notices.queries import follow_of


@blueprint.route("/library/themes/<string:theme>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def theme(theme: str) -> str | Response:
    """Follow it, at another pace, or no more."""
    words = facets()["theme"].get(theme) or abort(404)
    person = current_user._get_current_object()
    known = follow_of(person.id, themes.THEME + theme)
    form = FollowForm(often=known.often if known else Often.DAILY)
    if "stop" in request.form:
        unfollow(person.id, themes.THEME + theme)
        db.session.commit()
        return see_other(url_for(".theme", theme=theme), "You do not follow it any more.")
    if form.validate_on_submit():
        themes.follow(theme, person, Often(form.often.data))
        db.session.commit()
        return see_other(url_for(".theme", theme=theme), "You are told of new practices on it.")
    return render_template(
        "library/theme.html", form=form, theme=theme, words=words, is_followed=known is not None
    )
