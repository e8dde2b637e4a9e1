"""The staff pages of data: out in one form, in through a dry run."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core import sheets
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.exchange import actions, exporting, queries
from portal.exchange.fields import Column, Policy
from portal.exchange.forms import ExportForm, RunForm, UndoForm, UploadForm
from portal.exchange.kinds import KINDS
from portal.exchange.models import Import, ImportMode, ImportStatus, Outcome
from portal.exchange.passing import columns_of

blueprint = Blueprint("exchange_staff", __name__, url_prefix="/staff/members/data")

BAD = [Outcome.ERROR, Outcome.CONFLICT]
SHOWN: dict[str, tuple[str, list[Outcome]]] = {
    "": ("Every row", []), "problems": ("With a problem", BAD),
    "create": ("New", [Outcome.CREATE]), "update": ("Changed", [Outcome.UPDATE]),
    "skip": ("Unchanged", [Outcome.SKIP]),
}  # fmt: skip
WORDS = {
    Outcome.CREATE: ("ok", "New"), Outcome.UPDATE: ("ok", "Changed"),
    Outcome.SKIP: ("", "Unchanged"), Outcome.CONFLICT: ("needs", "Conflict"),
    Outcome.ERROR: ("loss", "Error"),
}  # fmt: skip
STATES = {
    ImportStatus.CHECKING: ("", "Being checked"), ImportStatus.CHECKED: ("needs", "Checked"),
    ImportStatus.RUNNING: ("", "Being imported"), ImportStatus.DONE: ("ok", "Imported"),
    ImportStatus.REFUSED: ("loss", "Not imported"), ImportStatus.UNDOING: ("", "Being undone"),
    ImportStatus.UNDONE: ("", "Undone"),
}  # fmt: skip
POLICIES = {
    Policy.OVERWRITE: "Replace what is there", Policy.FILL: "Fill only what is empty",
    Policy.NEVER: "Change nothing that is there",
}  # fmt: skip
BUSY = (ImportStatus.CHECKING, ImportStatus.RUNNING, ImportStatus.UNDOING)


def mine(named: dict[str, Any]) -> dict[str, Any]:
    """Those that the reader's roles let them bring in or take out; nobody else has a page here."""
    found = {name: one for name, one in named.items() if current_user.may(one.permission)}
    return found or abort(403)


def one_import(import_id: int) -> Import:
    found = find(Import, id=import_id)
    return found if found.kind in mine(KINDS) else abort(403)


@blueprint.route("/", methods=["GET", "POST"])
@requires(Permission.FIRMS_READ)
def index() -> ResponseReturnValue:
    exports = mine(exporting.EXPORTS)
    form = ExportForm({name: one.title for name, one in exports.items()})
    if form.validate_on_submit():
        return _as_file(form)
    page = paginate(queries.imports(list(mine(KINDS))))
    return render_template(
        "exchange/staff_index.html", form=form, page=page, kinds=KINDS, states=STATES
    )


def _as_file(form: ExportForm) -> Response:
    name, as_what = form.what.data, form.form.data
    one = exporting.EXPORTS[name]
    rows = exporting.counted(one.rows(), name, form.purpose.data, as_what)
    is_csv = as_what == "csv"
    body = sheets.to_csv(one.head, rows) if is_csv else sheets.to_xlsx(one.head, rows, one.title)
    db.session.commit()
    return _file(body, f"{name}-{today()}.{as_what}", sheets.XLSX if not is_csv else "")


def _file(body: str | bytes, name: str, content_type: str = "") -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=content_type or "text/csv; charset=utf-8", headers=headers)


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Permission.FIRMS_READ)
def upload() -> ResponseReturnValue:
    kinds = mine(KINDS)
    form = UploadForm({name: one.title for name, one in kinds.items()})
    if form.validate_on_submit():
        try:
            made = actions.start(
                form.kind.data, form.file.data.filename or "file", form.file.data.read(),
                current_user._get_current_object(),
            )  # fmt: skip
        except Refused as refused:
            db.session.rollback()
            form.file.errors = [str(refused)]
        else:
            db.session.commit()
            return see_other(url_for(".show", import_id=made.id))
    return render_template("exchange/staff_upload.html", form=form, kinds=kinds)


@blueprint.get("/imports/<int:import_id>")
@requires(Permission.FIRMS_READ)
def show(import_id: int) -> str:
    found = one_import(import_id)
    many = queries.counts(found.id)
    usual = ImportMode.ROWS if sum(many[one] for one in BAD) else ImportMode.WHOLE
    return draw(found, RunForm(mode=usual.value))


def draw(found: Import, form: RunForm) -> str:
    shown = request.args.get("show", "")
    _, outcomes = SHOWN.get(shown, SHOWN[""])
    is_busy = found.status in BUSY
    return render_template(
        "exchange/staff_show.html", it=found, form=form, kind=KINDS[found.kind],
        state=STATES[found.status], words=WORDS, shown=shown, views=SHOWN, is_busy=is_busy,
        counts=queries.counts(found.id), work=queries.work_on(actions.key_of(found)),
        page=None if is_busy else paginate(queries.rows(found.id, outcomes)),
        columns=columns_of(found), policies=POLICIES, may_undo=actions.may_undo(found),
    )  # fmt: skip


@blueprint.post("/imports/<int:import_id>/columns")
@requires(Permission.FIRMS_READ)
def columns(import_id: int) -> Response:
    """What each column fills and may do, as a person says."""
    found = one_import(import_id)
    fields = {one.name for one in KINDS[found.kind].fields}
    actions.check_again(found, list(_said(columns_of(found), fields)))
    db.session.commit()
    return see_other(url_for(".show", import_id=found.id), "The rows are checked again.")


def _said(known: Iterable[Column], fields: set[str]) -> Iterable[Column]:
    for n, column in enumerate(known):
        field = request.form.get(f"field-{n}", column.field)
        policy = request.form.get(f"policy-{n}", column.policy.value)
        if (field and field not in fields) or policy not in set(Policy):
            abort(400)
        yield Column(column.heading, field, Policy(policy))


@blueprint.post("/imports/<int:import_id>/run")
@requires(Permission.FIRMS_READ)
def run(import_id: int) -> ResponseReturnValue:
    found, form = one_import(import_id), RunForm()
    if not form.validate_on_submit():
        return draw(found, form)
    try:
        actions.begin(found, ImportMode(form.mode.data))
    except Refused as refused:
        db.session.rollback()
        form.mode.errors = [str(refused)]
        return draw(found, form)
    db.session.commit()
    words = "The import has begun. You can leave this page and come back."
    return see_other(url_for(".show", import_id=found.id), words)


@blueprint.route("/imports/<int:import_id>/undo", methods=["GET", "POST"])
@requires(Permission.FIRMS_READ)
def undo(import_id: int) -> ResponseReturnValue:
    found, form = one_import(import_id), UndoForm()
    back = url_for(".show", import_id=found.id)
    if form.validate_on_submit():
        actions.begin_undo(found)
        db.session.commit()
        return see_other(back, "It is being undone.")
    counts = queries.counts(found.id)
    return render_template("exchange/staff_undo.html", it=found, back=back, counts=counts)


@blueprint.get("/imports/<int:import_id>/result.csv")
@requires(Permission.FIRMS_READ)
def result(import_id: int) -> Response:
    """Every row as it came, with what came of it: mended, it can be sent again."""
    found = one_import(import_id)
    head = [*actions.RESULT, *(one.heading for one in columns_of(found))]
    rows = (
        [one.line, one.outcome.value if one.outcome else "",
         "; ".join(f"{column}: {words}" if column else words for column, words in one.problems),
         *map(sheets.revealed, one.cells)]
        for one in db.session.scalars(queries.rows(found.id, []))
    )  # fmt: skip
    return _file(sheets.to_csv(head, rows), f"import-{found.id}.csv")
