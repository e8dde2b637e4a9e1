"""The people and the name of a checklist, its evidence, its versions, and its end."""

from flask import Response, abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.core import files, jobs
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import see_other
from portal.library import evidence, runs
from portal.library.checklist_forms import EvidenceForm, PeopleForm
from portal.library.checklists import Item
from portal.library.kin import colleagues
from portal.library.models import ChecklistRun
from portal.library.views.checklists import blueprint, me, refuse_unless_filling, visible

FORM_ROOM = 2**16  # of the words around the file


@blueprint.url_value_preprocessor
def allow_larger_files(endpoint: str | None, _values: object) -> None:
    """Before the form is read: this one page takes more than the others."""
    if endpoint == "checklists.attach" and current_user.is_authenticated:
        request.max_content_length = evidence.MOST + FORM_ROOM


@blueprint.route("/firm/checklists/<int:run_id>/people", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def people(run_id: int) -> str | AnyResponse:
    run = visible(run_id)
    refuse_unless_owner(run)
    form = PeopleForm(
        title=run.title, owner=run.owner_id, helpers=[one.id for one in runs.helpers_of(run)]
    )
    form.offer(colleagues(run.organization_id))
    if form.validate_on_submit():
        runs.settle(run, form.title.data or "", form.owner.data, form.helpers.data or [])
        db.session.commit()
        return see_other(url_for(".show", run_id=run.id), "Kept.")
    return render_template("library/checklist_people.html", run=run, form=form)


@blueprint.post("/firm/checklists/<int:run_id>/take-over")
@requires(Permission.LIBRARY_READ)
def take_over(run_id: int) -> AnyResponse:
    run = visible(run_id)
    runs.take_over(run, me())
    db.session.commit()
    return see_other(url_for(".show", run_id=run.id), "It is yours now.")


@blueprint.post("/firm/checklists/<int:run_id>/close")
@requires(Permission.LIBRARY_READ)
def close(run_id: int) -> AnyResponse:
    run = visible(run_id)
    refuse_unless_owner(run)
    change, words = runs.close, "Closed: it can be read and taken along."
    if run.closed_at:
        change, words = runs.reopen, "Open again."
    change(run)
    db.session.commit()
    return see_other(url_for(".show", run_id=run.id), words)


@blueprint.route("/firm/checklists/<int:run_id>/delete", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def delete(run_id: int) -> str | AnyResponse:
    run = visible(run_id)
    refuse_unless_owner(run)
    if request.method == "POST":
        runs.remove(run, "by its owner")
        db.session.commit()
        return see_other(url_for(".index"), "The checklist is deleted.")
    return render_template("library/checklist_delete.html", run=run)


@blueprint.route("/firm/checklists/<int:run_id>/newer", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def go_over(run_id: int) -> str | AnyResponse:
    """What a later version of the practice would change; nothing does before it is chosen."""
    run = visible(run_id)
    refuse_unless_filling(run)
    version = runs.newer_version(run, current_user) or abort(404)
    found = runs.difference(run, version)
    if request.method == "POST":
        pairs = {new.key: old.key for old, new in found.reworded}
        chosen = {key: pairs[key] for key in request.form.getlist("carry") if key in pairs}
        runs.go_over(run, version, chosen)
        db.session.commit()
        return see_other(url_for(".show", run_id=run.id), f"It follows version {version} now.")
    return render_template(
        "library/checklist_newer.html", run=run, version=version, found=found,
        answers=runs.answers_of(run),
    )  # fmt: skip


@blueprint.route("/firm/checklists/<int:run_id>/evidence/<string:key>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def attach(run_id: int, key: str) -> str | AnyResponse:
    run = visible(run_id)
    refuse_unless_filling(run)
    item, form = item_of(run, key), EvidenceForm()
    row = runs.answers_of(run).get(key)
    if request.method == "POST" and "remove" in request.form and row:
        forget(evidence.remove(row))
        return see_other(url_for(".show", run_id=run.id), "The file is removed.")
    if form.validate_on_submit():
        try:
            sent = form.file.data
            old = evidence.attach(run, item, me(), sent.read(), sent.filename or "")
        except Refused as refusal:
            db.session.rollback()
            form.file.errors = [str(refusal)]
        else:
            forget(old)
            return see_other(url_for(".show", run_id=run.id), "The file is kept.")
    return render_template(
        "library/checklist_evidence.html", run=run, item=item, form=form, row=row
    )


@blueprint.get("/firm/checklists/<int:run_id>/evidence/<string:key>/file")
@requires(Permission.FIRM_READ)
def fetch(run_id: int, key: str) -> Response:
    row = runs.answers_of(visible(run_id)).get(key)
    if row is None or row.file_key is None:
        abort(404)
    response = Response(files.store().get(row.file_key), content_type=row.file_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{row.file_name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def forget(old_key: str | None) -> None:
    if old_key:
        jobs.queue(runs.FORGET, key=f"forget:{old_key}", file_key=old_key)
    db.session.commit()


def item_of(run: ChecklistRun, key: str) -> Item:
    return next((one for one in runs.items_of(run) if one.key == key), None) or abort(404)


def refuse_unless_owner(run: ChecklistRun) -> None:
    if run.owner_id != current_user.id:
        raise Refused(f"Only its owner does that: ask {run.owner.display_name}.")
