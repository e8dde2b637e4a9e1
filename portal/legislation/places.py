"""What the page of a place says of its measures."""

from flask import url_for

from portal.core.db import db
from portal.legislation.queries import Filters, listed
from portal.places.models import Place
from portal.places.views import Line, Section


def section(place: Place) -> Section:
    found = db.session.scalars(listed(Filters(place=place)).limit(8))
    lines = [
        Line(
            f"{one.number}, {one.title}",
            url_for("legislation.show", measure_id=one.id),
            f"{one.place.name} · {one.stage.words}",
        )
        for one in found
    ]
    everything = url_for("legislation.index", jurisdiction=place.slug)
    return Section("Bills and laws", lines, "We follow no measure here yet.", everything)
