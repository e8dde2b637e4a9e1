"""The front page and the member's dashboard."""

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.association.queries import association, today
from portal.core import clock
from portal.core.access import Permission, public, signed_in
from portal.events import queries as events
from portal.home import dashboard as mine
from portal.home import queries
from portal.home.views.pages import blueprint
from portal.legislation import queries as legislation
from portal.legislation.maps import world
from portal.library import queries as library


@blueprint.get("/")
@public
def index() -> str:
    day = today()
    belongs, payer = queries.whose_it_is(day)
    return render_template(
        "home/index.html",
        day=day,
        now=clock.now(),
        events=events.upcoming(None),
        practices=library.newest_free(),
        moving=legislation.moving(3),
        map=world(),
        measures=legislation.how_many(),
        belongs=belongs,
        payer=payer,
    )


@blueprint.get("/dashboard")
@signed_in
def dashboard() -> str | Response:
    """What needs this person first; staff without a firm go to their desk."""
    person = current_user._get_current_object()
    firm = mine.firm_with_state(person)
    if firm is None and person.may(Permission.STAFF_DESK):
        return redirect(url_for("home_staff.index"), code=303)
    return render_template(
        "home/dashboard.html",
        firm=firm,
        needs=mine.needs(person, firm),
        zone=person.zone or association().zone,
        going=events.of_person(person.id),
        follows=legislation.followed_by(person.id, 5),
        roster=firm.people[:8] if firm else [],
        committees=mine.committees(person),
        heading=firm.name if firm else person.display_name,
        new=library.newest(person),
    )
