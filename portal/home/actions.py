"""Saving searches, telling what is new, keeping synonyms. The caller commits."""

from dataclasses import replace
from datetime import timedelta
from zlib import crc32

from portal.accounts.models import Person
from portal.association.queries import today
from portal.core import audit, clock
from portal.core.db import db
from portal.core.search import Hit, guards, index
from portal.core.search.index import synonyms_text
from portal.core.states import Refused
from portal.home import queries
from portal.home.finding import audiences
from portal.home.models import SavedSearch, SynonymList
from portal.home.searches import look_of, plain_address, query_of
from portal.library import themes
from portal.notices.actions import mail_once, once, stop_token
from portal.notices.models import Often
from portal.notices.queries import wants

MOST = 50  # saved searches of one person
TOLD = 20  # of what is found: the first page
REMEMBERED, KEPT = 100, 500
MAIL = "saved_searches"
EVERY = {
    Often.INSTANT: timedelta(0), Often.DAILY: timedelta(days=1), Often.WEEKLY: timedelta(days=7)
}  # fmt: skip


def save_search(person: Person, name: str, address: str, often: Often) -> SavedSearch:
    """What it finds now counts as known; the same search is saved once. Raises `Refused`."""
    plain = plain_address(address)
    if plain is None:
        raise Refused("Search for something first, then save it.")
    known = queries.search_at(person.id, plain)
    if known:
        known.name, known.often = name, often
        return known
    if queries.count_of_searches(person.id) >= MOST:
        raise Refused(f"{MOST} searches are saved already: remove one first.")
    now = clock.now()
    saved = SavedSearch(
        person=person, name=name, address=plain, often=often, seen={}, made_at=now, looked_at=now
    )
    saved.seen = {hit.key: look_of(hit) for hit in _found(saved)}
    db.session.add(saved)
    return saved


def tell_news(saved: SavedSearch) -> bool:
    """Mail what is new or changed among the first finds; False when nothing is."""
    found = _found(saved)
    looks = {hit.key: look_of(hit) for hit in found}
    fresh = [
        hit for hit in found[:TOLD]
        if saved.seen.get(hit.key) != looks[hit.key] and not _told_by_theme(hit, saved)
    ]  # fmt: skip
    known = {key: look for key, look in saved.seen.items() if key not in looks}
    saved.seen = dict(list({**looks, **known}.items())[:KEPT])
    saved.looked_at = clock.now()
    if not fresh or not wants(saved.person_id, MAIL):
        return False
    for hit in fresh:
        _note(hit, saved)
    what = "".join(f"{hit.key}={looks[hit.key]};" for hit in fresh)
    subject = f"saved_search:{saved.id}"
    return mail_once(
        f"{subject}:{crc32(what.encode())}", "home/saved_search", saved.person, subject,
        saved=saved, hits=fresh, stop=stop_token(saved.person_id, MAIL),
    )  # fmt: skip


def _told_by_theme(hit: Hit, saved: SavedSearch) -> bool:
    """Today, by the follow of a theme: once is enough."""
    number = _practice_id(hit)
    return number is not None and themes.told_on(number, saved.person_id, today())


def _note(hit: Hit, saved: SavedSearch) -> None:
    """So that the follow of a theme does not tell it once more."""
    number = _practice_id(hit)
    if number is not None:
        key = themes.found_key(number, saved.person_id, today())
        once(key, themes.KNOWN, hit.key, saved.person_id)


def _practice_id(hit: Hit) -> int | None:
    kind, _, number = hit.key.partition(":")
    return int(number) if kind == "practice" else None


def _found(saved: SavedSearch) -> list[Hit]:
    query = query_of(saved.address, audiences(saved.person))
    return list(index.found(replace(query, page_size=REMEMBERED)).hits)


def keep_synonyms(text: str, note: str) -> SynonymList:
    """The list as it is from now on, on every machine. Raises `Refused` with the first fault."""
    faults = guards.faults(text)
    if faults:
        raise Refused(faults[0])
    before = synonyms_text().splitlines()
    kept = SynonymList(text=text, note=note, made_at=clock.now())
    db.session.add(kept)
    db.session.flush()
    lines = text.splitlines()
    audit.record(
        "synonyms.kept", kept, note=note, added=[one for one in lines if one not in before],
        removed=[one for one in before if one not in lines],
    )  # fmt: skip
    return kept
