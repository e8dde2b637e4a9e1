"""The page of a place: where it lies, what is in it, and what the other rooms know of it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, abort, render_template

from portal.core.access import public
from portal.places import queries
from portal.places.models import Level, Place

blueprint = Blueprint("places", __name__, url_prefix="/places")

LEVELS = {
    Level.CIVIC: "City",
    Level.STATE_PROVINCIAL: "State, province or region",
    Level.NATIONAL: "Nation",
    Level.SUPRANATIONAL: "Bloc of nations",
}


@dataclass(frozen=True)
class Line:
    text: str
    url: str
    more: str


@dataclass(frozen=True)
class Section:
    """What one room knows of a place; `all_url` leads to the whole list."""

    title: str
    lines: list[Line]
    empty: str
    all_url: str


# Each higher feature puts what it knows of a place here.
sections: list[Callable[[Place], Section]] = []


@blueprint.get("/<string:slug>")
@public
def show(slug: str) -> str:
    place = queries.place_by_slug(slug) or abort(404)
    return render_template(
        "places/show.html", place=place, above=queries.above(place)[:-1], levels=LEVELS,
        children=queries.children(place), sections=[section(place) for section in sections],
    )  # fmt: skip
