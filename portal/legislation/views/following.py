"""Following a list of measures, at what pace, and what is new since a person has read it."""

from flask import abort, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal.committees.queries import committees_of
from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import see_other
from portal.legislation import audience, lists, queries
from portal.legislation.actions.reviewing import mark_reviewed
from portal.legislation.asking import SHOWN
from portal.legislation.stages import TOPICS, WORDS, Stage
from portal.legislation.views import blueprint
from portal.notices import actions as notices
from portal.notices import queries as follows
from portal.notices.kinds import PACES
from portal.notices.models import Often
from portal.places.models import Level
from portal.places.queries import place_by_slug
from portal.places.views import LEVELS


def words_of(asked: dict[str, str]) -> str:
    """A list in words, for whoever follows it."""
    place = place_by_slug(asked["jurisdiction"]) if "jurisdiction" in asked else None
    level, stage = asked.get("level", ""), asked.get("stage", "")
    said = (
        f"“{asked['q']}”" if "q" in asked else "",
        place.name if place else asked.get("jurisdiction", ""),
        LEVELS[Level(level)] if level in set(Level) else level,
        TOPICS.get(asked.get("topic", ""), asked.get("topic", "")),
        WORDS[Stage(stage)] if stage in set(Stage) else stage,
        f"sponsor {asked['sponsor']}" if "sponsor" in asked else "",
        asked.get("committee", ""),
    )
    return " · ".join(filter(None, said))


@blueprint.get("/following")
@requires(Permission.BILLS_FOLLOW)
def following() -> str:
    """All that a person follows, how often they are told, and what the next digest would say."""
    me, now = current_user.id, clock.now()
    pace = follows.pace_row(me, audience.MAIL)
    news = audience.news(pace.told_until if pace else now - SHOWN, now)
    mine = follows.followed_words(me, audience.KIND)
    return render_template(
        "legislation/following.html",
        lists=[(one, words_of(lists.asked_by(one))) for one in mine],
        measures=queries.followed_by(me), pace=pace.pace if pace else Often.INSTANT, paces=PACES,
        wants=follows.wants(me, audience.MAIL), since=news.since, news=news.of(me)[:50],
        read_until=follows.read_until(me, audience.KIND), form=FlaskForm(),
    )  # fmt: skip


@blueprint.post("/follow-list")
@requires(Permission.BILLS_FOLLOW)
def follow_list() -> Response:
    words = _list()
    notices.follow_words(current_user.id, audience.KIND, words)
    db.session.commit()
    return see_other(
        f"{url_for('.index')}?{words}", "You follow this list: what is new in it is told to you."
    )


@blueprint.post("/unfollow-list")
@requires(Permission.BILLS_FOLLOW)
def unfollow_list() -> Response:
    notices.unfollow_words(current_user.id, audience.KIND, _list())
    db.session.commit()
    return see_other(url_for(".following"), "You do not follow that list any more.")


def _list() -> str:
    """Its words as we keep them; a place that does not exist names no list."""
    asked = lists.asked_by(request.form.get("list", "")[: lists.LONGEST * 2])
    if "jurisdiction" in asked:
        asked["jurisdiction"] = (place_by_slug(asked["jurisdiction"]) or abort(404)).slug
    return lists.canonical(asked) or abort(404)


@blueprint.post("/pace")
@requires(Permission.BILLS_FOLLOW)
def choose_pace() -> Response:
    wanted = request.form.get("pace", "")
    if wanted not in set(Often):
        return see_other(url_for(".following"), "Choose how often, then keep it.")
    notices.choose_pace(current_user.id, audience.MAIL, Often(wanted))
    db.session.commit()
    return see_other(url_for(".following"), f"Kept. {PACES[Often(wanted)]}.")


@blueprint.post("/mark-read")
@requires(Permission.BILLS_FOLLOW)
def mark_read() -> Response:
    notices.mark_read(current_user.id, audience.KIND)
    db.session.commit()
    return see_other(url_for(".index", new=1), "From now on this list shows what comes later.")


@blueprint.post("/<int:measure_id>/reviewed/<int:committee_id>")
@requires(Permission.COMMITTEE_NOTES)
def reviewed(measure_id: int, committee_id: int) -> Response:
    """Only who sits on the committee; for everybody else it does not exist."""
    measure = queries.whole(measure_id) or abort(404)
    mine = {one.id: one for one in committees_of(current_user)}
    committee = mine.get(committee_id) or abort(404)
    mark_reviewed(measure, committee, current_user._get_current_object())
    db.session.commit()
    there = url_for(".show", measure_id=measure_id, _anchor="notes")
    return see_other(there, f"Marked as gone through for the {committee.name}.")
