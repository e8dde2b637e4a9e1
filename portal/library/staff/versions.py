"""The versions of a practice on the desk: any two compared, an old one restored."""

from flask import render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, see_other
from portal.library import actions, withdrawing
from portal.library.differences import changed_keys, passages
from portal.library.forms import WithdrawForm
from portal.library.models import Practice, Revision
from portal.library.staff import blueprint, locked


@blueprint.get("/<int:practice_id>/versions")
@requires(Permission.LIBRARY_WRITE)
def versions(practice_id: int) -> str:
    """All of them, and what the later of two changed; the last two unless others are asked for."""
    practice = find(Practice, id=practice_id)
    by_number = {one.version: one for one in practice.revisions}
    newest = practice.revisions[0]
    new = by_number.get(request.args.get("new", 0, type=int), newest)
    before = max((one for one in by_number if one < new.version), default=new.version)
    old = by_number.get(request.args.get("old", 0, type=int), by_number[before])
    if old.version > new.version:
        old, new = new, old
    return render_template(
        "library/staff_versions.html",
        practice=practice,
        old=old,
        new=new,
        keys=changed_keys(old.front, new.front),
        passages=passages(old.body, new.body),
        may_edit=practice.status not in actions.DECIDED,
        may_withdraw=withdrawing.may_withdraw(practice),
        withdrawn=withdrawing.withdrawn(practice),
    )


@blueprint.post("/<int:practice_id>/versions/<int:version>/restore")
@requires(Permission.LIBRARY_WRITE)
def restore(practice_id: int, version: int) -> Response:
    """The old text as the next version; nothing in between is lost."""
    practice = locked(practice_id)
    found = find(Revision, practice_id=practice.id, version=version)
    there = url_for(".versions", practice_id=practice.id)
    try:
        actions.restore(practice, found, current_user._get_current_object())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        return see_other(there, str(refusal), "error")
    return see_other(there, f"Version {version} stands again, as version {practice.version}.")


@blueprint.route("/<int:practice_id>/versions/<int:version>/withdraw", methods=["GET", "POST"])
@requires(Permission.LIBRARY_WRITE)
def withdraw(practice_id: int, version: int) -> str | Response:
    practice = locked(practice_id) if request.method == "POST" else find(Practice, id=practice_id)
    old, form = find(Revision, practice_id=practice.id, version=version), WithdrawForm()
    if form.validate_on_submit():
        try:
            reason, me = form.reason.data or "", current_user._get_current_object()
            words = withdrawing.withdraw(practice, old, reason, me)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            return see_other(url_for(".versions", practice_id=practice.id), words)
    becomes = withdrawing.consequence(practice, old)
    return render_template(
        "library/staff_withdraw.html", practice=practice, old=old, form=form, becomes=becomes
    )
