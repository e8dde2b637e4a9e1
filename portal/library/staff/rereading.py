"""What is due to be read again: a queue for editors."""

from flask import render_template

from portal.association.queries import today
from portal.core.access import Permission, requires
from portal.core.web import paginate
from portal.library import freshness
from portal.library.staff import blueprint
from portal.library.taxonomy import label


@blueprint.get("/freshness")
@requires(Permission.LIBRARY_WRITE)
def due_for_review() -> str:
    day = today()
    return render_template(
        "library/staff_freshness.html", page=paginate(freshness.due_soon(day)), day=day,
        state=freshness.state, label=label,
    )  # fmt: skip
