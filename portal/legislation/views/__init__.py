"""Measures for everybody: the list with its map, one measure, following, committee notes."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from icalendar import Calendar
from icalendar import Event as Entry
from werkzeug.wrappers import Response as AnyResponse

from portal.association.queries import today
from portal.committees.queries import committees_of
from portal.core import clock
from portal.core.access import Permission, public, requires, signed_in
from portal.core.db import db
from portal.core.filters import is_web
from portal.core.links import link
from portal.core.web import find, paginate, see_other
from portal.legislation import actions, asking, audience, counting, imported, lists, maps, queries
from portal.legislation.asking import asked_for
from portal.legislation.forms import NoteForm
from portal.legislation.models import Measure
from portal.legislation.rules.words import why
from portal.legislation.stages import CERTAINTY, TOPICS, bar
from portal.notices import actions as notices
from portal.notices import queries as follows
from portal.places import queries as places

blueprint = Blueprint("legislation", __name__, url_prefix="/legislation")


@blueprint.get("/")
@public
def index() -> str:
    filters = asked_for()
    page = paginate(queries.listed(filters))
    kept = {name: request.args[name] for name in asking.NAMES if request.args.get(name)}
    kept.pop("jurisdiction", None)
    found, names = counting.counts(filters), places.names()
    return render_template(
        "legislation/index.html",
        page=page,
        filters=filters,
        map=maps.draw(filters, kept, found.place, names.every),
        facets=asking.facets(filters, found),
        chips=asking.chips(filters),
        deadlines=queries.moving(5),
        topics=TOPICS,
        above=places.above(filters.place) if filters.place else [],
        nations=names.nations,
        today=today(),
        **_follows(),
    )


def _follows() -> dict[str, Any]:
    """What a signed-in person may do with the list: follow it, see what is new."""
    if not current_user.is_authenticated or not current_user.may(Permission.BILLS_FOLLOW):
        return {"words": "", "is_following": False, "form": None}
    words = lists.canonical(request.args)
    return {
        "words": words,
        "is_following": bool(words)
        and follows.is_following_words(current_user.id, audience.KIND, words),
        "form": FlaskForm(),
    }


@blueprint.get("/<int:measure_id>")
@public
def show(measure_id: int) -> str:
    return _show(queries.whole(measure_id) or abort(404), NoteForm())


def _show(measure: Measure, form: NoteForm) -> str:
    person: Any = current_user if current_user.is_authenticated else None
    is_following = person and follows.is_following(person.id, "measure", measure.id)
    committees = committees_of(person) if person and person.may(Permission.COMMITTEE_NOTES) else []
    steps, now = bar(measure.stage)
    return render_template(
        "legislation/show.html",
        measure=measure,
        steps=steps,
        now=now,
        form=form,
        above=places.above(measure.place),
        topic=TOPICS.get(measure.topic, ""),
        imported=imported.of(measure),
        chambers=imported.CHAMBERS,
        day_words=imported.day_words,
        is_web=is_web,
        why=why(measure.stage_rule, measure.stage_evidence),
        certainty=CERTAINTY[measure.certainty],
        is_following=is_following,
        committees=committees,
        follow_form=FlaskForm(),
        notes=queries.notes_for(measure, person) if committees else [],
        reviews=queries.reviews_of(measure, [one.id for one in committees]),
        today=today(),
    )


@blueprint.post("/<int:measure_id>/follow")
@requires(Permission.BILLS_FOLLOW)
def follow(measure_id: int) -> AnyResponse:
    measure = find(Measure, id=measure_id)
    notices.follow(current_user.id, "measure", measure.id)
    db.session.commit()
    words = f"You follow {measure.number}: a mail comes when its stage or its next date changes."
    return see_other(url_for(".show", measure_id=measure_id), words)


@blueprint.post("/<int:measure_id>/unfollow")
@requires(Permission.BILLS_FOLLOW)
def unfollow(measure_id: int) -> AnyResponse:
    measure = find(Measure, id=measure_id)
    notices.unfollow(current_user.id, "measure", measure.id)
    db.session.commit()
    return see_other(url_for(".show", measure_id=measure_id), "You do not follow it any more.")


@blueprint.post("/<int:measure_id>/notes/<int:committee_id>")
@requires(Permission.COMMITTEE_NOTES)
def write_note(measure_id: int, committee_id: int) -> str | AnyResponse:
    """Only who sits on the committee; for everybody else it does not exist."""
    measure = queries.whole(measure_id) or abort(404)
    mine = {one.id: one for one in committees_of(current_user)}
    committee = mine.get(committee_id) or abort(404)
    form = NoteForm()
    if not form.validate_on_submit():
        return _show(measure, form)
    actions.write_note(measure, committee, current_user._get_current_object(), form.text.data)
    db.session.commit()
    there = url_for(".show", measure_id=measure_id, _anchor="notes")
    return see_other(there, f"Kept for the {committee.name}; nobody else sees it.")


@blueprint.get("/<int:measure_id>.ics")
@public
def calendar(measure_id: int) -> Response:
    measure = queries.whole(measure_id) or abort(404)
    return _calendar([measure] if measure.next_on else [], f"measure-{measure.id}.ics")


@blueprint.get("/dates.ics")
@public
def dates() -> Response:
    """Every next date of the list that the address filters, for a calendar to follow."""
    found = db.session.scalars(
        queries.listed(asked_for()).where(Measure.next_on >= today()).limit(500)
    )
    return _calendar(list(found), "measures.ics")


def _calendar(measures: list[Measure], name: str) -> Response:
    file = Calendar()
    file.add("prodid", "-//Member portal//Measures//EN")
    file.add("version", "2.0")
    for one in measures:
        entry = Entry()
        entry.add("uid", link("legislation.show", measure_id=one.id))
        entry.add("dtstamp", clock.now())
        entry.add("dtstart", one.next_on)
        entry.add("summary", f"{one.number}: {one.next_what}")
        entry.add("description", f"{one.title}, {one.place.name}. As of {one.as_of}. {one.source}")
        entry.add("url", link("legislation.show", measure_id=one.id))
        file.add_component(entry)
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(file.to_ical(), mimetype="text/calendar", headers=headers)


@blueprint.get("/measures.csv")
@public
def export() -> Response:
    """The list as it is filtered; never a committee's notes."""
    columns = (
        "ref",
        "number",
        "title",
        "year",
        "topic",
        "kind",
        "status_words",
        "status_on",
        "next_on",
        "next_what",
        "certainty",
        "source",
        "as_of",
    )
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["place", "stage", *columns])
    for one in db.session.scalars(queries.listed(asked_for()).limit(5000)):
        cells = [one.place.slug, one.stage.value, *(getattr(one, name) for name in columns)]
        writer.writerow(_cell(value) for value in cells)
    headers = {"Content-Disposition": "attachment; filename=measures.csv"}
    return Response(file.getvalue(), mimetype="text/csv", headers=headers)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


@blueprint.get("/followed")
@signed_in
def followed() -> AnyResponse:
    return redirect(url_for(".index", following=1), code=303)
