"""The membership officer's pages: the board of renewals, what is coming, one firm, arrears."""

from collections import Counter
from datetime import timedelta
from functools import partial

from flask import Blueprint, render_template, request
from sqlalchemy import select

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.jobs import Job
from portal.core.keeping import kept
from portal.core.web import PAGE_SIZE, Page, page_number
from portal.dues.models import Posting
from portal.members.models import Attestation, Overlay, Term, Vacancy
from portal.notices.models import Notice
from portal.renewals import queries
from portal.renewals.ahead import KIND_WORDS
from portal.renewals.jobs import look_after_memberships
from portal.renewals.models import Renewal, Resignation
from portal.renewals.pipeline import KINDS, WORDS, Stage
from portal.renewals.shown import keep_to_it

blueprint = Blueprint("renewals_staff", __name__, url_prefix="/staff/members")
blueprint.url_defaults(keep_to_it)

# Whatever is done moves the record; these grow beside it.
FOLLOWS_FROM = (Term, Renewal, Resignation, Posting, Overlay, Attestation, Vacancy, Notice)
SHOWN = [one for one in Stage if one is not Stage.NOT_OPEN]


@blueprint.get("/renewals")
@requires(Permission.DUES_READ)
def board() -> str:
    """Every renewal that is open or just over, by its stage."""
    day = today()
    found, asked = queries.terms_by_stage(day), request.args.get("stage", "")
    listed = found.get(asked, []) if asked in {"", *SHOWN} else []
    number = page_number()
    ids = listed[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    shown = queries.board(day, term_ids=ids) if ids else []
    return render_template(
        "renewals/staff_board.html", page=Page(shown, number, len(listed), PAGE_SIZE), day=day,
        counts={one: len(found[one]) for one in SHOWN}, asked=asked, words=WORDS, kinds=KINDS,
        last=_last_pass(),
    )  # fmt: skip


def _last_pass() -> Job | None:
    """The latest turn of the nightly job, with how far it is."""
    name = f"{look_after_memberships.__module__}.{look_after_memberships.__name__}"
    query = select(Job).where(Job.handler == name).order_by(Job.id.desc()).limit(1)
    return db.session.scalars(query).first()


@blueprint.get("/calendar")
@requires(Permission.DUES_READ)
def calendar() -> str:
    """What the next 90 days bring to memberships, and why; of one kind, or of all."""
    day, asked = today(), request.args.get("kind", "")
    found = kept(("coming", day), FOLLOWS_FROM, partial(queries.foreseen, day))
    listed = [one for one in found if asked in {"", one.kind}]
    number = page_number()
    shown = listed[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return render_template(
        "renewals/staff_calendar.html", page=Page(shown, number, len(listed), PAGE_SIZE), day=day,
        last=day + timedelta(days=90), asked=asked, words=KIND_WORDS,
        counts=Counter(one.kind for one in found), total=len(found),
    )  # fmt: skip
