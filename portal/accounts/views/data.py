"""One's own data: what is kept and why, a bundle to take away, and erasure."""

from typing import Any

from flask import Response, abort, render_template, url_for
from flask_login import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from portal.accounts import erasing, jobs, limits, passwords, queries
from portal.accounts.forms import EraseForm
from portal.accounts.holdings import HOLDINGS
from portal.accounts.models import DataBundle
from portal.accounts.views import blueprint
from portal.accounts.views.account import WRONG, me
from portal.accounts.views.signing_in import too_many
from portal.core import audit, clock
from portal.core.access import signed_in
from portal.core.db import db
from portal.core.files import store
from portal.core.jobs import queue
from portal.core.states import Refused
from portal.core.web import find, see_other


@blueprint.get("/account/data")
@signed_in
def my_data() -> str:
    return render_template(
        "accounts/data.html", holdings=HOLDINGS, form=FlaskForm(),
        bundles=db.session.scalars(queries.bundles_of(me())).all(), now=clock.now(),
    )  # fmt: skip


@blueprint.post("/account/data/ask")
@signed_in
def ask_bundle() -> AnyResponse:
    person = me()
    try:
        limits.count(limits.MAILS, f"bundle:{person.id}")
    except limits.TooMany as refusal:
        return see_other(url_for(".my_data"), str(refusal), "needs")
    made = DataBundle(person_id=person.id, asked_at=clock.now())
    db.session.add(made)
    db.session.flush()
    queue(jobs.make_bundle, key=f"bundle:{made.id}", bundle_id=made.id)
    audit.record("person.data_asked", person, bundle=made.id)
    db.session.commit()
    words = "Your data are being put together: in a minute the link is on this page."
    return see_other(url_for(".my_data"), words)


@blueprint.get("/account/data/<int:bundle_id>")
@signed_in
def bundle(bundle_id: int) -> Response:
    """The archive, for a day and for nobody else."""
    found = find(DataBundle, id=bundle_id, person_id=me().id)
    if not found.key or found.expires_at is None or found.expires_at < clock.now():
        abort(404)
    headers = {
        "Content-Disposition": 'attachment; filename="my-data.zip"', "Cache-Control": "no-store",
    }  # fmt: skip
    return Response(store().get(found.key), content_type="application/zip", headers=headers)


@blueprint.route("/account/data/erase", methods=["GET", "POST"])
@signed_in
def erase() -> str | AnyResponse:
    person, form = me(), EraseForm()
    if form.validate_on_submit():
        try:
            limits.count(limits.SIGN_INS, f"password:{person.id}")
            db.session.commit()  # reckoning a hash takes long: not with the write lock held
            if not passwords.is_right(person.password_hash, form.current.data):
                form.current.errors = [WRONG]
            else:
                erasing.erase(person)
                db.session.commit()
                logout_user()
                return see_other("/", "Your data are erased, and your account is closed.")
        except limits.TooMany as refusal:
            return too_many(refusal, "accounts/erase.html", **_erasure(form))
        except Refused as refused:
            db.session.rollback()
            form.form_errors.append(str(refused))
    return render_template("accounts/erase.html", **_erasure(form))


def _erasure(form: EraseForm) -> dict[str, Any]:
    return {
        "form": form, "holdings": HOLDINGS, "person": me(),
        "reasons": erasing.why_not(me()), "words": erasing.words_for(me()),
    }  # fmt: skip
