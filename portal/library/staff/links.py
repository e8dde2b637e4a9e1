"""Broken links of practices: what each answered, since when, and "it works" by hand."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal.core.access import Permission, requires
from portal.core.db import db
from portal.core.web import find, paginate, see_other
from portal.library import links
from portal.library.models import PracticeLink
from portal.library.staff import blueprint


@blueprint.get("/links", endpoint="links")
@requires(Permission.LIBRARY_WRITE)
def broken() -> str:
    count, last = links.looked_at()
    return render_template(
        "library/staff_links.html", page=paginate(links.broken()), count=count, last=last
    )


@blueprint.post("/links/<int:link_id>/works")
@requires(Permission.LIBRARY_WRITE)
def link_works(link_id: int) -> Response:
    links.find_fine(find(PracticeLink, id=link_id))
    db.session.commit()
    return see_other(url_for(".links"), "It is off the list until it answers otherwise.")
