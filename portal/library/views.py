"""The library for readers: the page of one practice."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup

from portal.core import markdown
from portal.core.access import public
from portal.library import attachments, queries
from portal.library.models import PracticeStatus
from portal.library.taxonomy import label

blueprint = Blueprint("library", __name__, url_prefix="/library")

OUTCOME_STATES = {"positive": "ok", "negative": "loss", "mixed": ""}


def why_locked() -> Markup:
    if current_user.is_authenticated:
        return Markup("open to firms whose membership is in force")
    sign_in = url_for("accounts.sign_in", next=request.full_path)
    return Markup('open to members. <a href="{}">Sign in</a> or <a href="{}">join</a>').format(
        sign_in, url_for("joining.index")
    )


@blueprint.get("/<string:slug>")
@public
def show(slug: str) -> str:
    practice = queries.readable(slug, current_user) or abort(404)
    may_read = queries.may_read(practice, current_user)
    text = markdown.render(practice.body) if may_read else None
    return render_template(
        "library/show.html",
        practice=practice,
        text=text,
        label=label,
        why=why_locked(),
        related=queries.related(practice, current_user),
        revision=practice.revisions[0],
        outcome_state=OUTCOME_STATES.get(practice.outcome or "", ""),
        is_published=practice.status is PracticeStatus.PUBLISHED,
        interest=practice.front.get("interest") or {},
        places=queries.places_of(practice),
        kind_of=attachments.kind_of,
    )
