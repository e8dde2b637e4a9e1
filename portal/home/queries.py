"""What the front page, the dashboards and the search ask of more than one room."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import and_, func, or_, select

from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db
from portal.core.keeping import kept
from portal.core.money import half_up
from portal.core.search import Query
from portal.core.search.index import engine
from portal.core.search.synonyms import Synonyms
from portal.dues.models import Posting
from portal.dues.queries.funding import income_by_funder
from portal.home.finding import audiences
from portal.home.models import SavedSearch, SynonymList
from portal.members.models import GroupMembership, Organization, Term
from portal.members.queries import in_group, live_firm_ids
from portal.notices.models import Often


@dataclass(frozen=True)
class Belonging:
    firms: int
    countries: int
    groups: int


def whose_it_is(day: date) -> "tuple[Belonging, LargestPayer | None]":
    """Who belongs on a day and who pays most, kept while nothing is booked or recorded."""
    tables = (Posting, Term, GroupMembership)
    return kept(("whose it is", day), tables, lambda: (who_belongs(day), largest_payer(day)))


def who_belongs(day: date) -> Belonging:
    """Member firms on a day, their countries, and the groups that own them."""
    live = live_firm_ids(day)
    facts = select(func.count(Organization.id), func.count(func.distinct(Organization.country)))
    firms, countries = db.session.execute(facts.where(Organization.id.in_(live))).one()
    groups = db.session.scalar(
        select(func.count(func.distinct(GroupMembership.group_id))).where(
            GroupMembership.organization_id.in_(live), in_group(day)
        )
    )
    return Belonging(firms, countries, groups or 0)


@dataclass(frozen=True)
class LargestPayer:
    """Who paid the largest part of a year's income, a group of firms or one outside, in tenths of
    a percent.
    """

    share_tenths: int
    since: date


def largest_payer(day: date) -> LargestPayer | None:
    """Of the income booked in the twelve months to `day`: who pays for a firm counts as itself."""
    since = day - timedelta(days=365)
    sums = list(income_by_funder(since, day).values())
    total = sum(sums)
    if total <= 0:
        return None
    return LargestPayer(half_up(Fraction(max(sums) * 1000, total)), since)


TOP = 10  # hits of a search that an effect is shown for


def searches_of(person_id: int) -> list[SavedSearch]:
    query = select(SavedSearch).where(SavedSearch.person_id == person_id)
    return list(db.session.scalars(query.order_by(SavedSearch.name, SavedSearch.id)))


def search_at(person_id: int, address: str) -> SavedSearch | None:
    return db.session.scalar(select(SavedSearch).filter_by(person_id=person_id, address=address))


def count_of_searches(person_id: int) -> int:
    query = select(func.count()).where(SavedSearch.person_id == person_id)
    return db.session.scalar(query) or 0


def searches_due() -> list[int]:
    """Those whose time to be looked at has come, of people who can still sign in."""
    now = clock.now()
    is_due = or_(
        SavedSearch.often == Often.INSTANT,
        and_(SavedSearch.often == Often.DAILY, SavedSearch.looked_at <= now - timedelta(days=1)),
        and_(SavedSearch.often == Often.WEEKLY, SavedSearch.looked_at <= now - timedelta(days=7)),
    )
    query = select(SavedSearch.id).join(SavedSearch.person)
    query = query.where(is_due, Person.disabled_at.is_(None))
    return list(db.session.scalars(query.order_by(SavedSearch.id)))


def edited_synonyms() -> str | None:
    """The list as staff kept it last, if they ever did."""
    query = select(SynonymList.text).order_by(SynonymList.id.desc()).limit(1)
    return db.session.scalar(query)


@dataclass(frozen=True)
class Effect:
    """How the first hits of a search change: their titles, before and after."""

    before: list[str]
    after: list[str]
    also_before: tuple[str, ...]
    also_after: tuple[str, ...]

    @property
    def rows(self) -> list[tuple[int, str, str]]:
        """Place, title and what becomes of it; those that fall out come last."""
        places = {title: place for place, title in enumerate(self.before, 1)}
        rows = []
        for place, title in enumerate(self.after, 1):
            was = places.pop(title, 0)
            moved = "new" if not was else "stays" if was == place else f"was {was}"
            rows.append((place, title, moved))
        return rows + [(0, title, f"was {place}, now out") for title, place in places.items()]


def effect_of(text: str, asked: str, reader: Person) -> Effect | None:
    """What this list would do to a search over everything; None where nothing is asked."""
    if not asked:
        return None
    query = Query(asked, audiences(reader), page_size=TOP)
    before, after = engine().search(query), engine().search(query, Synonyms(text))
    return Effect(
        [hit.title for hit in before.hits], [hit.title for hit in after.hits],
        before.also_searched, after.also_searched,
    )  # fmt: skip
