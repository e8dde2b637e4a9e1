"""A firm's checklists: begun from a practice, filled over many visits, taken along, deleted."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.accounts.models import Person
from portal.core import sheets
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.docx import DOCX
from portal.core.states import Refused
from portal.core.web import paginate, see_other
from portal.library import checklist_files, filling, queries, runs
from portal.library.checklist_forms import ANSWERS, Sent, StartForm
from portal.library.checklists import items, progress
from portal.library.models import ChecklistRun
from portal.members.queries import firm_of

blueprint = Blueprint("checklists", __name__)
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": sheets.XLSX, "pdf": "application/pdf",
         "docx": DOCX}  # fmt: skip


@blueprint.get("/firm/checklists/")
@requires(Permission.FIRM_READ)
def index() -> str:
    page = paginate(runs.listed(current_user))
    return render_template(
        "library/checklists.html", page=page, progress=runs.progress_of(page.items)
    )


@blueprint.route("/library/<string:slug>/checklist", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def start(slug: str) -> str | AnyResponse:
    """What the firm has of this practice, and one more."""
    practice = queries.readable(slug, current_user)
    if practice is None or not queries.may_read(practice, current_user):
        abort(404)
    form, firm, found = StartForm(), firm_of(current_user), items(practice.body)
    if not found:
        abort(404)
    if firm and form.validate_on_submit():
        run = runs.start(practice, firm, form.title.data or "", me())
        db.session.commit()
        return see_other(url_for(".show", run_id=run.id), "Begun: answers are kept as you go.")
    mine = db.session.scalars(runs.listed(current_user, practice)).all()
    return render_template(
        "library/checklist_start.html", practice=practice, form=form, firm=firm, mine=mine,
        count=len(found), progress=runs.progress_of(mine),
    )  # fmt: skip


@blueprint.route("/firm/checklists/<int:run_id>", methods=["GET", "POST"])
@requires(Permission.FIRM_READ)
def show(run_id: int) -> str | AnyResponse:
    run = visible(run_id)
    sent = Sent()
    if request.method == "POST":
        refuse_unless_filling(run)
        sent = filling.fill(run, me(), request.form)
        db.session.commit()
        if "HX-Request" in request.headers:
            return drawn(run, sent, "library/_checklist_saved.html")
        if not sent.faults:
            return see_other(url_for(".show", run_id=run.id), "Kept.")
    return drawn(run, sent, "library/checklist.html")


def drawn(run: ChecklistRun, sent: Sent, template: str) -> str:
    found, rows = runs.items_of(run), runs.answers_of(run)
    now = {item.key for item in found}
    return render_template(
        template, run=run, sent=sent, answers=ANSWERS,
        sections=filling.sections(found, rows, sent),
        former=[one for key, one in rows.items() if key not in now],
        people=filling.people_of(run, rows), may_fill=runs.may_fill(run, current_user),
        progress=progress(found, {key: one.answer.value for key, one in rows.items()}),
        newer=runs.newer_version(run, current_user), is_lost=runs.has_lost_owner(run),
    )  # fmt: skip


@blueprint.get("/firm/checklists/<int:run_id>/<string:sheet>")
@requires(Permission.FIRM_READ)
def export(run_id: int, sheet: str) -> Response:
    """As csv, xlsx, docx or pdf; `empty` is the paper with empty boxes."""
    run = visible(run_id)
    body: str | bytes
    if sheet == "csv":
        body = checklist_files.to_csv([run])
    elif sheet == "xlsx":
        body = checklist_files.to_xlsx([run])
    elif sheet == "docx":
        body = checklist_files.word(run)
    elif sheet in {"pdf", "empty"}:
        body = checklist_files.pdf(run, empty=sheet == "empty")
    else:
        abort(404)
    ending = "pdf" if sheet == "empty" else sheet
    return taken(body, f"checklist-{run.id}-{run.practice.slug}", ending)


@blueprint.get("/firm/checklists/all.xlsx")
@requires(Permission.FIRM_READ)
def export_all() -> Response:
    """Every one that this person sees, in one workbook: what a firm takes along when it goes."""
    found = db.session.scalars(runs.listed(current_user)).all()
    return taken(checklist_files.to_xlsx(found), "checklists", "xlsx")


def taken(body: str | bytes, name: str, ending: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{ending}"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, content_type=TYPES[ending], headers=headers)


def me() -> Person:
    person: Person = current_user._get_current_object()
    return person


def visible(run_id: int) -> ChecklistRun:
    """The checklist, for whoever sees it; the 404 page otherwise. For a change they are alone."""
    if request.method == "POST":
        runs.lock(run_id)
    return db.session.scalars(
        runs.listed(current_user).where(ChecklistRun.id == run_id)
    ).first() or abort(404)


def refuse_unless_filling(run: ChecklistRun) -> None:
    if run.closed_at is not None:
        raise Refused(runs.CLOSED)
    if not runs.may_fill(run, current_user):
        raise Refused(f"Only its owner and helpers fill it: ask {run.owner.display_name}.")
