"""Questions about jurisdictions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select

from portal.core.db import db
from portal.core.keeping import kept
from portal.places.actions import folded
from portal.places.models import Level, Place, PlaceCode


def place_by_slug(slug: str) -> Place | None:
    """By its slug, or by one it had before."""
    found = db.session.scalar(select(Place).where(Place.slug == slug))
    return found or place_by_code(slug)


def place_by_code(value: str) -> Place | None:
    """By an identifier of somebody else's; several mean the European Union, and the Kingdom."""
    query = select(Place).join(PlaceCode, PlaceCode.place_id == Place.id)
    return db.session.scalar(query.where(PlaceCode.value == value))


def is_inside(place: Place) -> ColumnElement[bool]:
    """True of a place and everything in it."""
    return Place.path.startswith(place.path, autoescape=True)


def above(place: Place) -> Sequence[Place]:
    """The places that a place lies in, the largest first, itself last."""
    slugs = place.path.strip("/").split("/")
    query = select(Place).where(Place.slug.in_(slugs)).order_by(Place.path)
    return db.session.scalars(query).all()


def children(place: Place) -> Sequence[Place]:
    query = select(Place).where(Place.parent_id == place.id).order_by(Place.name)
    return db.session.scalars(query).all()


def named(text: str) -> Select[Place]:
    """Places whose names hold these words, with or without accents."""
    query = select(Place).order_by(Place.level, Place.name)
    for word in folded(text).split():
        query = query.where(
            or_(Place.search_name.contains(word, autoescape=True), Place.slug == word)
        )
    return query


@dataclass(frozen=True)
class Names:
    """By slug the name of every place, and of nations and unions, in the order of their names."""

    every: dict[str, str]
    nations: dict[str, str]


def names() -> Names:
    """They are hundreds and hardly ever change: they are kept."""
    return kept("places", (Place,), _names)


def _names() -> Names:
    query = select(Place.slug, Place.name, Place.level).order_by(Place.name)
    rows = db.session.execute(query).all()
    wide = {Level.NATIONAL, Level.SUPRANATIONAL}
    every = {slug: name for slug, name, _ in rows}
    return Names(every, {slug: name for slug, name, level in rows if level in wide})
