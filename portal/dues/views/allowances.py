"""What a firm's membership includes beside seats, for its own people."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.access import Permission, requires
from portal.dues.queries.allowances import allowances_of, uses_in
from portal.dues.views import blueprint
from portal.members.queries import affiliation_of


@blueprint.get("/firm/allowances")
@requires(Permission.FIRM_READ)
def allowances() -> ResponseReturnValue:
    me = affiliation_of(current_user) or abort(404)
    found = allowances_of(me.organization_id)
    terms = list({one.term.id: one.term for one in found}.values())
    return render_template(
        "dues/allowances.html", firm=me.organization, allowances=found, uses=uses_in(terms)
    )
