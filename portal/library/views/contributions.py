"""What a firm and its corporate group gave to the library in a year, for its own people."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.merging import ids_of
from portal.library import contributions as gifts
from portal.library.views import blueprint
from portal.members.models import Organization
from portal.members.queries import affiliation_of, firms_of_group, group_of
from portal.members.terms import add_months


@blueprint.get("/contributions")
@requires(Permission.FIRM_READ)
def contributions() -> ResponseReturnValue:
    firm = (affiliation_of(current_user) or abort(404)).organization
    since = add_months(today(), -12)
    columns = {firm.name: gifts.given(ids_of(Organization, firm.id), since)}
    group = group_of(firm.id)
    firms = db.session.scalars(firms_of_group(group.id)).all() if group else ()
    if group and len(firms) > 1:
        numbers = set().union(*(ids_of(Organization, one.id) for one in firms))
        columns[f"All of {group.name}"] = gifts.given(numbers, since)
    return render_template(
        "library/contributions.html", firm=firm, since=since, columns=columns, words=gifts.WORDS
    )
