"""Loading jurisdictions from `content/places.csv`. The caller commits."""

import csv
import unicodedata
from pathlib import Path

from sqlalchemy import select

from portal.core import audit
from portal.core.db import db
from portal.places.models import Level, Place, PlaceCode


def load_places(path: Path) -> int:
    """Take every row over, parents first; twice is the same as once. The number of places."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["slug"]: row for row in csv.DictReader(file)}
    known = {one.slug: one for one in db.session.scalars(select(Place))}
    codes = {one.value: one for one in db.session.scalars(select(PlaceCode))}
    for slug in sorted(rows, key=lambda one: _path(rows, one).count("/")):
        row = rows[slug]
        place = known.setdefault(slug, Place(slug=slug))
        place.parent = known.get(row["parent"])
        place.path, place.level = _path(rows, slug), Level(row["level"])
        place.name, place.other_names = row["name"], _list(row["other_names"])
        place.search_name = folded(" ".join([row["name"], *place.other_names]))
        place.iso_3166_1 = row["iso_3166_1"] or None
        place.iso_3166_2 = row["iso_3166_2"] or None
        place.timezone, place.currency = row["timezone"], row["currency"] or None
        place.languages = _list(row["languages"])
        db.session.add(place)
        for value in filter(None, [row["ocd_id"], *_list(row["ocd_aliases"])]):
            code = codes.setdefault(value, PlaceCode(scheme="ocd", value=value))
            code.place = place
            db.session.add(code)
    for changed in filter(db.session.is_modified, known.values()):
        if changed in db.session.dirty:
            audit.record("place.changed", changed)  # so that no list of names is kept longer
    db.session.flush()
    return len(rows)


def _path(rows: dict[str, dict[str, str]], slug: str) -> str:
    """`/us/us-nj/`, from the top down."""
    parent = rows[slug]["parent"]
    return f"{_path(rows, parent) if parent else '/'}{slug}/"


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def folded(text: str) -> str:
    """Small letters without accents, so that Bogota finds Bogotá."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
