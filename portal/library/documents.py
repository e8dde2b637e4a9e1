"""What the search finds of a practice."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from portal.core.db import db
from portal.core.markdown import plain
from portal.core.search import Document
from portal.core.search.analyzer import words
from portal.core.search.document import PAID
from portal.library.models import Practice, Revision
from portal.library.queries import published
from portal.library.sharing import readers_of
from portal.library.taxonomy import FACETS, label
from portal.library.voting import useful_counts
from portal.places.models import Place

Above = Mapping[str, tuple[str, ...]]


def documents(only: int | None = None) -> Iterable[Document]:
    """Of all that is published; `only` one of them, when it has changed."""
    query = published().order_by(Practice.id)
    if only is not None:
        query = query.where(Practice.id == only)
    useful, news, above = useful_counts(only), newest_news(only), places_above()
    for one in db.session.scalars(query):
        yield document(one, above, useful.get(one.id, 0), news.get(one.id))


def newest_news(only: int | None = None) -> dict[int, int]:
    """Of each practice the last version that readers are told of."""
    last = select(Revision.practice_id, func.max(Revision.version)).group_by(Revision.practice_id)
    last = last.where(Revision.is_minor.is_(False))
    if only is not None:
        last = last.where(Revision.practice_id == only)
    return {number: version for number, version in db.session.execute(last).all()}  # noqa: C416


def places_above() -> dict[str, tuple[str, ...]]:
    """Of every place, by slug, itself and those it lies in."""
    paths = db.session.execute(select(Place.slug, Place.path)).all()
    return {slug: tuple(path.strip("/").split("/")) for slug, path in paths}


def document(
    practice: Practice, above: Above, useful: int = 0, news: int | None = None
) -> Document:  # fmt: skip
    front = practice.front
    reviewed = front.get("reviewed_on")
    audience, titled = readers_of(practice)
    return Document(
        key=f"practice:{practice.id}",
        kind="practice",
        title=practice.title,
        summary=practice.summary,
        body=f"{plain(practice.body)}\n{', '.join(map(str, front.get('tags') or ()))}".strip(),
        codes=(practice.ref,),
        url=f"/library/{practice.slug}",
        audience=audience,
        teaser_audience=titled,
        facets=_facets(practice, above),
        date=practice.published_on,
        useful=useful,
        reviewed_on=date.fromisoformat(str(reviewed)[:10]) if reviewed else None,
        review_due=practice.review_due_on,
        boost=PAID if practice.kind == "showcase" else 1.0,
        stored={
            "kind": label("kind", practice.kind),
            "outcome": practice.outcome or "",
            "minutes": practice.minutes,
            "version": practice.version,
            "news": news or practice.version,
            "ref": practice.ref,
            "evidence": label("evidence", front.get("evidence")),
            "reviewed": str(reviewed)[:10] if reviewed else "",
            "demo": bool(front.get("demo")),
            "paid": practice.kind == "showcase",
        },
    )


def _facets(practice: Practice, above: Above) -> dict[str, tuple[str, ...]]:
    """A practice for a province is one for its nation as well, and is found by every name."""
    front = practice.front
    found: dict[str, tuple[str, ...]] = {
        facet: (getattr(practice, facet),) for facet in FACETS if getattr(practice, facet)
    }
    themes = (practice.theme, *(front.get("other_themes") or ()))
    found["theme"] = tuple(dict.fromkeys(themes))
    wide = (above.get(slug, (slug,)) for slug in front.get("applies_in") or ())
    found["place"] = tuple(dict.fromkeys(slug for slugs in wide for slug in slugs))
    found |= {name: (str(front[name]),) for name in ("evidence", "language") if front.get(name)}
    if practice.published_on:
        found["year"] = (str(practice.published_on.year),)
    return found | {"author": _authors(front)}


def _authors(front: Mapping[str, Any]) -> tuple[str, ...]:
    """Each name and firm whole, and by its words; of a talk under Chatham House rules nobody."""
    if front.get("frankness") == "chatham_house":
        return ()
    named = [
        " ".join(words(str(one[part])))
        for one in front.get("authors") or () for part in ("name", "org") if one.get(part)
    ]  # fmt: skip
    return tuple(dict.fromkeys([*named, *(word for name in named for word in name.split())]))
