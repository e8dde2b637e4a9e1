"""Reading lists; and one page of all that a member keeps of a practice."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.core import sheets
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.states import Refused
from portal.core.web import row_number, see_other
from portal.library import following, queries, reading
from portal.library.models import Practice, ReadingEntry, ReadingList
from portal.library.reading_forms import ListForm, NoteForm
from portal.notices.actions import unfollow
from portal.notices.queries import is_following

blueprint = Blueprint("reading", __name__)


@blueprint.route("/reading-lists/", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def index() -> str | AnyResponse:
    person, form = current_user._get_current_object(), ListForm()
    form.offer(reading.committees_for(person))
    if form.validate_on_submit():
        try:
            about, committee = form.about.data or "", form.committee.data or None
            made = reading.start(person, form.title.data or "", about, committee)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.form_errors.append(str(refusal))
        else:
            return see_other(url_for(".show", list_id=made.id), "Begun.")
    mine = reading.of_person(person)
    seen = reading.entries_of(mine, person)
    ids = [entry.practice_id for entries in seen.values() for entry in entries]
    read = reading.read_ids(person, ids)
    return render_template(
        "library/reading_lists.html", form=form, mine=mine, seen=seen, read=read
    )


@blueprint.get("/reading-lists/<int:list_id>")
@requires(Permission.LIBRARY_READ)
def show(list_id: int) -> str:
    return drawn(own(list_id), is_own=True)


@blueprint.get("/reading-lists/shared/<string:token>")
@requires(Permission.LIBRARY_READ)
def shared(token: str) -> str:
    """For every member who has the link, until it is taken back."""
    return drawn(reading.shared(token) or abort(404), is_own=False)


def drawn(one: ReadingList, *, is_own: bool) -> str:
    entries = reading.entries_for(one, current_user)
    read = reading.read_ids(current_user, [entry.practice_id for entry in entries])
    return render_template(
        "library/reading_list.html", one=one, entries=entries, read=read, is_own=is_own
    )


@blueprint.post("/reading-lists/<int:list_id>/share")
@requires(Permission.LIBRARY_READ)
def share(list_id: int) -> AnyResponse:
    one = own(list_id)
    if "stop" in request.form:
        one.share_token = None
    else:
        reading.share(one)
    db.session.commit()
    words = "Members with the link see it." if one.share_token else "The link is dead."
    return see_other(url_for(".show", list_id=one.id), words)


@blueprint.route("/reading-lists/<int:list_id>/delete", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def delete(list_id: int) -> str | AnyResponse:
    one = own(list_id)
    if request.method == "POST":
        db.session.delete(one)
        db.session.commit()
        return see_other(url_for(".index"), "The list is deleted.")
    return render_template("library/reading_list_delete.html", one=one)


@blueprint.post("/reading-lists/<int:list_id>/entries/<int:entry_id>/move")
@requires(Permission.LIBRARY_READ)
def move(list_id: int, entry_id: int) -> AnyResponse:
    """Up, down, or off the list."""
    one = own(list_id)
    entry = entry_of(one, entry_id)
    if "remove" in request.form:
        one.entries.remove(entry)
    else:
        reading.shift(one, entry, -1 if "up" in request.form else 1, current_user)
    db.session.commit()
    return see_other(url_for(".show", list_id=one.id))


@blueprint.route("/reading-lists/<int:list_id>/entries/<int:entry_id>", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def note(list_id: int, entry_id: int) -> str | AnyResponse:
    one = own(list_id)
    entry = entry_of(one, entry_id)
    form = NoteForm(note=entry.note)
    if form.validate_on_submit():
        entry.note = form.note.data or ""
        db.session.commit()
        return see_other(url_for(".show", list_id=one.id), "Kept.")
    return render_template("library/reading_note.html", one=one, entry=entry, form=form)


@blueprint.get("/reading-lists/<int:list_id>/list.csv")
@requires(Permission.LIBRARY_READ)
def export(list_id: int) -> Response:
    one = own(list_id)
    entries = reading.entries_for(one, current_user)
    read = reading.read_ids(current_user, [entry.practice_id for entry in entries])
    rows = [
        [number, entry.practice.ref, entry.practice.title, entry.note,
         url_for("library.show", slug=entry.practice.slug, _external=True),
         "yes" if entry.practice_id in read else "no"]
        for number, entry in enumerate(entries, 1)
    ]  # fmt: skip
    made = sheets.to_csv(["Place", "Number", "Title", "Note", "Address", "Read"], rows)
    headers = {"Content-Disposition": f'attachment; filename="reading-list-{one.id}.csv"'}
    return Response(made, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.route("/library/<string:slug>/keep", methods=["GET", "POST"])
@requires(Permission.LIBRARY_READ)
def keep(slug: str) -> str | AnyResponse:
    """Follow it, mark it as read, put it on a list."""
    practice, person = readable(slug), current_user._get_current_object()
    if request.method == "POST":
        words = kept(practice, person)
        db.session.commit()
        return see_other(url_for(".keep", slug=practice.slug), words)
    return render_template(
        "library/keep.html", practice=practice, lists=reading.of_person(person),
        is_read=bool(reading.read_ids(person, [practice.id])),
        is_followed=is_following(person.id, following.PRACTICE, practice.id),
    )  # fmt: skip


def kept(practice: Practice, person: object) -> str:
    """Does what was asked, and says it."""
    asked = request.form.get("do", "")
    if asked in {"read", "unread"}:
        reading.mark(current_user, practice, is_read=asked == "read")
        return "Marked as read." if asked == "read" else "Not marked as read any more."
    if asked == "follow":
        following.follow(practice, person)
        return "You are told of the next version."
    if asked == "unfollow":
        unfollow(current_user.id, following.PRACTICE, practice.id)
        return "You do not follow it any more."
    one = own(row_number("list"))
    reading.add(one, practice)
    return f"It is on “{one.title}”."


def readable(slug: str) -> Practice:
    practice = queries.readable(slug, current_user)
    if practice is None or not queries.may_read(practice, current_user):
        abort(404)
    return practice


def own(list_id: int) -> ReadingList:
    """A list that this person changes, and for a change nobody else meanwhile; or the 404 page."""
    if request.method == "POST":
        reading.lock(list_id)
    mine = {one.id: one for one in reading.of_person(current_user)}
    return mine.get(list_id) or abort(404)


def entry_of(one: ReadingList, entry_id: int) -> ReadingEntry:
    """One of those that this person sees."""
    seen = reading.entries_for(one, current_user)
    return next((entry for entry in seen if entry.id == entry_id), None) or abort(404)
