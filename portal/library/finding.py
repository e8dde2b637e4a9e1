"""What readers may find of practices and their files at this moment, whatever the index holds."""

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from portal.core.db import db
from portal.core.search.index import Readers
from portal.library.models import Attachment, Practice, PracticeStatus
from portal.library.queries import Reader, published, titled_for
from portal.library.sharing import readers_of

BARE = (defer(Practice.body), defer(Practice.front), joinedload(Practice.committee))


def of_practices(ids: set[int]) -> dict[int, Readers]:
    """Those of these that are published."""
    query = published().where(Practice.id.in_(ids)).options(*BARE)
    return {one.id: readers_of(one) for one in db.session.scalars(query)}


def of_files(ids: set[int]) -> dict[int, Readers]:
    """Those of these whose practice is published; no title goes ahead of it."""
    query = select(Attachment.id, Practice).join(Attachment.practice).options(*BARE)
    query = query.where(Attachment.id.in_(ids), Practice.status == PracticeStatus.PUBLISHED)
    found = db.session.execute(query).all()
    return {number: (readers_of(practice)[0], frozenset()) for number, practice in found}


def open_titles(titles: list[str], reader: Reader) -> list[str]:
    """Those of these that published practices have and this reader may see."""
    query = select(Practice.title).where(Practice.status == PracticeStatus.PUBLISHED)
    query = query.where(Practice.title.in_(titles), titled_for(reader))
    found = set(db.session.scalars(query)) if titles else set()
    return [one for one in titles if one in found]
