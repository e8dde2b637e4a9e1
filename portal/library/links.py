"""Links of published practices: which are due to be looked at, which are broken, who is told."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import unescape
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core import audit, clock, mail, markdown
from portal.core.db import db
from portal.library.freshness import owners
from portal.library.lint import is_web
from portal.library.models import Practice, PracticeLink, PracticeStatus
from portal.library.probing import Answer

EACH = timedelta(days=30)
BROKEN_EACH = timedelta(days=7)
MOST_OF_ONE = 100  # links of a practice
MOST_AT_ONCE = 300  # links of a run
LONGEST = 2000  # characters of an address
_LINK = re.compile(r'href="(https?://[^"]+)"')


def links_of(front: dict[str, Any], body: str) -> list[str]:
    """The web addresses of its text, then of its sources; each once, without its fragment."""
    found = [unescape(one) for one in _LINK.findall(str(markdown.render(body).html))]
    found += [str(one.get("url") or "") for one in front.get("sources") or []]
    plain = (one.partition("#")[0] for one in found if is_web(one) and len(one) <= LONGEST)
    return list(dict.fromkeys(plain))[:MOST_OF_ONE]


def published_links() -> dict[tuple[int, str], None]:
    query = select(Practice.id, Practice.front, Practice.body)
    rows = db.session.execute(query.where(Practice.status == PracticeStatus.PUBLISHED))
    return {(row.id, url): None for row in rows for url in links_of(row.front, row.body)}


def list_anew() -> None:
    """A row for each link that is in a published practice now; those of no text any more go."""
    wanted = published_links()
    for one in db.session.scalars(select(PracticeLink)):
        if (one.practice_id, one.url) in wanted:
            del wanted[one.practice_id, one.url]
        else:
            db.session.delete(one)
    db.session.add_all(PracticeLink(practice_id=number, url=url) for number, url in wanted)


def due(now: datetime) -> Sequence[tuple[int, str]]:
    """Number and address of those not looked at for a month, or a week where they are broken."""
    is_late = or_(
        PracticeLink.looked_at.is_(None), PracticeLink.looked_at <= now - EACH,
        (PracticeLink.broken_since.is_not(None)) & (PracticeLink.looked_at <= now - BROKEN_EACH),
    )  # fmt: skip
    query = select(PracticeLink.id, PracticeLink.url).where(is_late)
    query = query.order_by(PracticeLink.looked_at.is_not(None), PracticeLink.looked_at)
    rows = db.session.execute(query.order_by(PracticeLink.id).limit(MOST_AT_ONCE))
    return [(row.id, row.url) for row in rows]


def note(number: int, answer: Answer) -> None:
    """What a link answered just now; that an editor found it fine so holds until it changes."""
    one = db.session.get(PracticeLink, number)
    if one is None:
        return
    one.looked_at, one.answer = clock.now(), answer.words[:200]
    if answer.works or one.answer == one.fine_answer:
        one.broken_since = one.told_at = None
    else:
        one.broken_since = one.broken_since or one.looked_at


def broken() -> Select[PracticeLink]:
    """Those of published practices, broken the longest first."""
    query = select(PracticeLink).join(PracticeLink.practice)
    query = query.where(Practice.status == PracticeStatus.PUBLISHED)
    query = query.where(PracticeLink.broken_since.is_not(None))
    query = query.options(joinedload(PracticeLink.practice))
    return query.order_by(PracticeLink.broken_since, PracticeLink.id)


def untold() -> Iterable[tuple[Practice, list[PracticeLink]]]:
    """By practice, the broken links of which its owner has not heard."""
    query = broken().where(PracticeLink.told_at.is_(None)).order_by(None)
    found = db.session.scalars(query.order_by(PracticeLink.practice_id, PracticeLink.id)).all()
    return [(one, list(some)) for one, some in groupby(found, lambda link: link.practice)]


def tell(practice: Practice, links: list[PracticeLink]) -> None:
    """One mail to each owner for all that broke at once; of each link they hear once."""
    for one in owners(practice):
        mail.queue("library/links_broken", one.email, person=one, practice=practice, links=links)
    for link in links:
        link.told_at = clock.now()


def find_fine(link: PracticeLink) -> None:
    """An editor saw it work: what it answers to the portal is not reported again."""
    link.fine_answer, link.broken_since, link.told_at = link.answer, None, None
    audit.record("practice_link.fine", link, url=link.url, answer=link.answer)


def looked_at() -> tuple[int, datetime | None]:
    """How many links were looked at, and when the last of them."""
    facts = select(func.count(), func.max(PracticeLink.looked_at))
    count, last = db.session.execute(facts.where(PracticeLink.looked_at.is_not(None))).one()
    return count, last
