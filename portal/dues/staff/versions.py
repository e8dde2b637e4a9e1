"""Tariffs, adopted and in the making: read, tried out, taken out and brought in."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import association, today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.money import Money
from portal.core.web import find, see_other
from portal.dues import actions, queries
from portal.dues.clashes import clash
from portal.dues.declaring import metrics_asked
from portal.dues.forms import ImportForm, case_form
from portal.dues.models import DraftStatus, Tariff, TariffDraft
from portal.dues.needs import Unreadable
from portal.dues.periods import NotQuotable
from portal.dues.pricing import Quote, quote
from portal.dues.rule_kinds import KINDS, read_book
from portal.dues.rules import Book
from portal.dues.shapes import SHAPES
from portal.dues.staff import blueprint
from portal.dues.tariff_forms import HeadForm
from portal.dues.tariff_heads import PUBLIC
from portal.dues.tariff_words import tariff_words
from portal.members.models import CLASS_NAMES, MembershipClass

STATE = "<any(adopted, draft):state>/<int:number>"


@dataclass(frozen=True)
class Version:
    """A tariff or a draft of one, as the pages speak of it."""

    state: str
    row: Tariff | TariffDraft

    @property
    def title(self) -> str:
        name = "Tariff" if self.state == "adopted" else "Draft of tariff"
        return f"{name} {self.row.code}"

    @property
    def book(self) -> Book:
        return self.row.whole_book

    @property
    def is_open(self) -> bool:
        return isinstance(self.row, TariffDraft) and self.row.status is DraftStatus.DRAFT

    def url(self, what: str = "version", **values: Any) -> str:
        return url_for(f"dues_staff.{what}", state=self.state, number=self.row.id, **values)


def version_of(state: str, number: int) -> Version:
    if state == "adopted":
        return Version(state, find(Tariff, id=number))
    return Version(state, find(TariffDraft, id=number))


def classes_of(book: Book) -> dict[str, str]:
    """The classes that a book has dues for, by name."""
    rules = [rule["classes"] for rule in book["rules"] if rule["kind"] in SHAPES]
    return {
        kind.value: CLASS_NAMES[kind] for kind in MembershipClass
        if any(one == "*" or kind in one for one in rules)
    }  # fmt: skip


@blueprint.get("/tariff")
@requires(Permission.DUES_READ)
def tariff() -> str:
    return render_template(
        "dues/staff_tariff.html", tariffs=db.session.scalars(queries.tariffs()).all(),
        drafts=db.session.scalars(queries.drafts()).all(),
        current=[one.id for one in queries.current_tariffs(today())],
        words=lambda one: tariff_words(one.whole_book),
    )  # fmt: skip


@blueprint.get(f"/tariffs/{STATE}")
@requires(Permission.DUES_READ)
def version(state: str, number: int) -> str:
    found = version_of(state, number)
    return render_template(
        "dues/staff_version.html", version=found, told=tariff_words(found.book),
        public=PUBLIC, kinds=KINDS,
    )  # fmt: skip


@blueprint.get(f"/tariffs/{STATE}.json")
@requires(Permission.DUES_READ)
def version_json(state: str, number: int) -> Response:
    """What `portal quote` reads: the book, and a case of each class to begin from."""
    book = version_of(state, number).book
    cases = [
        {"id": kind, "class": kind, "metrics": dict.fromkeys(metrics_asked(book, [kind]), 60),
         "joined_on": book["effective_from"]}
        for kind in classes_of(book)
    ]  # fmt: skip
    body = json.dumps({"tariff": book, "cases": cases}, indent=2, ensure_ascii=False)
    answer = make_response(body + "\n")
    answer.content_type = "application/json"
    name = f"tariff-{book['effective_from']}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get(f"/tariffs/{STATE}/preview")
@requires(Permission.DUES_READ)
def preview(state: str, number: int) -> str:
    """Any case under this tariff; the case is in the address."""
    found = version_of(state, number)
    args = request.args or None
    form, metrics = case_form(found.book, classes_of(found.book), args)
    priced: Quote | None = None
    if args and form.validate():
        try:
            priced = quote(found.book, form.case(metrics))
        except NotQuotable as why:
            form.kind.errors = [str(why)]
    elif not args:
        form.joined_on.data = max(found.row.effective_from, today())
    return render_template(
        "dues/staff_preview.html", version=found, form=form, metrics=metrics, priced=priced,
        money=Money,
    )  # fmt: skip


@blueprint.post(f"/tariffs/{STATE}/copy")
@requires(Permission.DUES_MANAGE)
def copy(state: str, number: int) -> ResponseReturnValue:
    """A draft with the book of another version."""
    found = version_of(state, number)
    prior = found.row if isinstance(found.row, Tariff) else found.row.prior
    made = actions.draft(found.book, found.row.explanation, current_user.id, prior)
    db.session.commit()
    words = "This is a copy: give it a code and a first day of its own."
    return see_other(url_for(".head", draft_id=made.id), words)


@blueprint.route("/tariffs/new", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def new() -> ResponseReturnValue:
    form = HeadForm(currency=association().currency)
    if form.validate_on_submit():
        first = form.effective_from.data.isoformat()
        book = {name: value for name, value in form.book().items() if value is not None}
        head = {"code": form.code.data, "currency": form.currency.data, "effective_from": first}
        made = actions.draft(book | head | {"rules": []}, "", current_user.id)
        db.session.commit()
        return see_other(Version("draft", made).url(), "The draft is kept. Add its rules now.")
    return render_template(
        "dues/staff_draft_form.html", form=form, title="A new tariff", draft=None, button="Keep"
    )


@blueprint.route("/tariffs/import", methods=["GET", "POST"])
@requires(Permission.DUES_MANAGE)
def bring() -> ResponseReturnValue:
    form = ImportForm()
    if form.validate_on_submit():
        try:
            book = _read(form.text.data)
        except Unreadable as why:
            form.text.errors = [str(why)]
        except RecursionError:
            form.text.errors = ["This holds objects within objects without end."]
        else:
            made = actions.draft(book, "", current_user.id)
            db.session.commit()
            return see_other(Version("draft", made).url(), "The tariff is here, as a draft.")
    return render_template("dues/staff_draft_form.html", form=form, title="Bring in a tariff",
                           draft=None, button="Bring in")  # fmt: skip


def _read(text: str) -> Book:
    """A tariff whose rules agree with each other; raises `Unreadable`."""
    book = read_book(_parsed(text))
    if fault := clash(book["rules"]):
        raise Unreadable(fault)
    return book


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as why:
        raise Unreadable(f"This is not JSON: {why}") from why


def draft_of(draft_id: int) -> TariffDraft:
    """A draft that may still be changed; 404 for one that is adopted or withdrawn."""
    found = find(TariffDraft, id=draft_id)
    return found if found.status is DraftStatus.DRAFT else abort(404)
