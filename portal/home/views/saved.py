"""A person's saved searches."""

from flask import render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.access import signed_in
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.home import actions, queries, searches
from portal.home.forms import SaveForm
from portal.home.models import SavedSearch
from portal.home.views.pages import blueprint
from portal.notices.kinds import PACES
from portal.notices.models import Often


@blueprint.route("/searches/", methods=["GET", "POST"])
@signed_in
def saved_searches() -> str | Response:
    address = searches.plain_address(request.args.get("address", "")) or ""
    form = SaveForm(address=address, name=searches.words_of(address)[:80])
    if form.validate_on_submit():
        person = current_user._get_current_object()
        try:
            actions.save_search(
                person, form.name.data or "", form.address.data or "", Often(form.often.data)
            )
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            return see_other(url_for(".saved_searches"), "Saved: you will be told of new finds.")
    mine = queries.searches_of(current_user.id)
    asks = searches.words_of(form.address.data or "")
    return render_template(
        "home/saved_searches.html", form=form, mine=mine, asks=asks, often=PACES,
        words_of=searches.words_of, most=actions.MOST,
    )  # fmt: skip


@blueprint.post("/searches/<int:saved_id>/remove")
@signed_in
def remove_search(saved_id: int) -> Response:
    db.session.delete(find(SavedSearch, id=saved_id, person_id=current_user.id))
    db.session.commit()
    return see_other(url_for(".saved_searches"), "Removed: no more mails about it.")
