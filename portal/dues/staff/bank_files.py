"""Bank statements, for finance staff: reading a file, looking before importing, column maps."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from portal.association.queries import association
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import Money
from portal.core.states import Refused
from portal.core.web import find, paginate, see_other
from portal.dues import actions, queries
from portal.dues.bank_forms import ColumnMapForm, StatementForm
from portal.dues.models import BankFile, ColumnMap
from portal.dues.staff import blueprint

KINDS = {"camt053": "CAMT.053", "mt940": "MT940", "csv": "CSV or XLSX"}
SHOWN = 200  # movements on the page of a file


@blueprint.get("/bank/statements")
@requires(Permission.DUES_READ)
def bank_statements() -> str:
    page = paginate(queries.bank_files())
    return render_template(
        "dues/staff_statements.html", page=page, kinds=KINDS,
        counts=queries.line_counts(page.items), zone=association().zone,
    )  # fmt: skip


@blueprint.route("/bank/statements/read", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_read() -> ResponseReturnValue:
    form = StatementForm()
    maps = db.session.scalars(queries.column_maps()).all()
    form.columns.choices = {"": "CAMT.053 or MT940", **{str(one.id): one.name for one in maps}}
    if form.validate_on_submit():
        try:
            return _read(form, {str(one.id): one for one in maps})
        except Refused as refused:
            db.session.rollback()
            form.file.errors = [str(refused)]
    return render_template("dues/staff_statement_read.html", form=form, maps=maps)


def _read(form: StatementForm, maps: dict[str, ColumnMap]) -> ResponseReturnValue:
    upload = form.file.data
    file = actions.stage(upload.read(), upload.filename or "", maps.get(form.columns.data))
    db.session.commit()
    words = "This file was imported before: nothing of it is added again."
    return see_other(url_for(".bank_file", file_id=file.id), words if file.imported_at else "")


@blueprint.get("/bank/statements/<int:file_id>")
@requires(Permission.DUES_READ)
def bank_file(file_id: int) -> str:
    """What importing it would add; or, afterwards, what it brought."""
    file = find(BankFile, id=file_id)
    found = queries.difference(file)
    brought = queries.line_counts([file]).get(file.id, 0)
    return render_template(
        "dues/staff_statement.html", file=file, found=found, kinds=KINDS, money=Money,
        shown=list(found.new.values())[:SHOWN], brought=brought,
        zone=association().zone, books_alone=association().books_alone,
    )  # fmt: skip


@blueprint.post("/bank/statements/<int:file_id>/import")
@requires(Permission.DUES_MANAGE)
def bank_import(file_id: int) -> ResponseReturnValue:
    added, booked = actions.import_file(find(BankFile, id=file_id), current_user)
    db.session.commit()
    words = f"{added} {'line is' if added == 1 else 'lines are'} added."
    words += f" {booked} of them {'is' if booked == 1 else 'are'} booked." if booked else ""
    return see_other(url_for(".bank"), words)


@blueprint.post("/bank/statements/<int:file_id>/discard")
@requires(Permission.DUES_MANAGE)
def bank_discard(file_id: int) -> ResponseReturnValue:
    actions.discard(find(BankFile, id=file_id))
    db.session.commit()
    return see_other(url_for(".bank_statements"), "The file is forgotten; nothing was added.")


@blueprint.get("/bank/columns")
@requires(Permission.DUES_READ)
def bank_columns() -> str:
    maps = db.session.scalars(queries.column_maps()).all()
    return render_template("dues/staff_columns.html", maps=maps)


@blueprint.route("/bank/columns/add", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_columns_add() -> ResponseReturnValue:
    home = association()
    form = ColumnMapForm(data={"account": home.iban, "currency": home.currency, "skipped": 0})
    if form.validate_on_submit():
        return _keep(ColumnMap(), form)
    return render_template("dues/staff_columns_edit.html", form=form, one=None)


@blueprint.route("/bank/columns/<int:map_id>", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bank_columns_edit(map_id: int) -> ResponseReturnValue:
    one = find(ColumnMap, id=map_id)
    facts = {name: getattr(one, name) for name in ColumnMapForm()._fields if hasattr(one, name)}
    form = ColumnMapForm(data=facts)
    if form.validate_on_submit():
        return _keep(one, form)
    return render_template("dues/staff_columns_edit.html", form=form, one=one)


def _keep(one: ColumnMap, form: ColumnMapForm) -> ResponseReturnValue:
    actions.keep_columns(one, {key: form.data[key] for key in form.data if key != "csrf_token"})
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        form.name.errors = ["There is a column map of this name already"]
        return render_template("dues/staff_columns_edit.html", form=form, one=None)
    return see_other(url_for(".bank_columns"), f"The column map {form.name.data} is kept.")
