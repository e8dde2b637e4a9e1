"""The library for readers: the page of one practice."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.association.queries import today
from portal.core import markdown
from portal.core.access import public
from portal.core.filters import is_web
from portal.library import attachments, queries, steps, withdrawing
from portal.library.benchmarks import queries as benchmarks
from portal.library.beside import beside
from portal.library.models import PracticeStatus
from portal.library.resting import reply_to
from portal.library.taxonomy import label

blueprint = Blueprint("library", __name__, url_prefix="/library")

OUTCOME_STATES = {"positive": "ok", "negative": "loss", "mixed": ""}


def why_locked() -> Markup:
    if current_user.is_authenticated:
        return Markup(
            'open to firms whose membership is in force: <a href="{}">see how yours stands</a>'
        ).format(url_for("home.dashboard"))
    sign_in = url_for("accounts.sign_in", next=request.full_path)
    return Markup('open to members. <a href="{}">Sign in</a> or <a href="{}">join</a>').format(
        sign_in, url_for("joining.index")
    )


@blueprint.get("/<string:slug>")
@public
def show(slug: str) -> str | Response | tuple[str, int]:
    gone = queries.tombstone(slug, current_user)
    if gone:
        return render_template("library/gone.html", gone=gone, words=steps.WORDS), 410
    practice = queries.readable(slug, current_user)
    if practice is None:
        moved = queries.now_at(slug, current_user) or abort(404)
        return redirect(url_for(".show", slug=moved.slug), 301)
    may_read = queries.may_read(practice, current_user)
    text = markdown.render(practice.body) if may_read else None
    is_among_members = may_read and "members" in queries.audiences(current_user)
    return render_template(
        "library/show.html",
        practice=practice,
        text=text,
        label=label,
        why=why_locked(),
        beside=beside(practice, current_user) if is_among_members else None,
        related=queries.related(practice, current_user),
        surveys=benchmarks.of_practice(practice, current_user),
        revision=practice.revisions[0],
        outcome_state=OUTCOME_STATES.get(practice.outcome or "", ""),
        taken=withdrawing.withdrawn(practice).get(practice.version - 1),
        is_published=practice.status is PracticeStatus.PUBLISHED,
        interest=practice.front.get("interest") or {},
        state_words=steps.WORDS[practice.status],
        reply=reply_to(practice.front),
        places=queries.places_of(practice),
        is_overdue=practice.review_due_on is not None and practice.review_due_on < today(),
        kind_of=attachments.kind_of,
        is_web=is_web,
    )
