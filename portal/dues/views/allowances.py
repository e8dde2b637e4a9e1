"""What a firm's membership includes beside seats, for its own people."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.access import Permission, requires
from portal.dues.queries.allowances import allowances_in, uses_in
from portal.dues.views import blueprint
from portal.members.queries import affiliation_of, live_terms


@blueprint.get("/firm/allowances")
@requires(Permission.FIRM_READ)
def allowances() -> ResponseReturnValue:
    me = affiliation_of(current_user) or abort(404)
    terms = live_terms(me.organization_id)
    return render_template(
        "dues/allowances.html", firm=me.organization, terms=terms, uses=uses_in(terms),
        allowances=[one for term in terms for one in allowances_in(term)],
    )  # fmt: skip
