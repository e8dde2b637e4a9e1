"""What firms declared, and who did not."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from portal.association.queries import association, today
from portal.core.ahead import each
from portal.core.db import db
from portal.core.merging import leads_to, names_of, older_ids, winners
from portal.dues.declaring import facts_of, metrics_asked
from portal.dues.models import Declaration, Tariff
from portal.dues.models.tariffs import TEN_THOUSANDTHS
from portal.dues.queries.tariffs import currencies_of, current_tariffs, last_currency
from portal.dues.what_if import Member
from portal.members.models import (
    CorporateGroup,
    GroupMembership,
    Membership,
    MembershipClass,
    Organization,
    Term,
)
from portal.members.queries import is_live, live_firm_ids


def _known_on(on: date) -> ColumnElement[bool]:
    """Signed by the end of a business day."""
    return Declaration.signed_at < _end_of(on)


def _end_of(on: date) -> datetime:
    return datetime.combine(on + timedelta(days=1), time(), ZoneInfo(association().zone))


def _of(organization_id: int) -> ColumnElement[bool]:
    """Also what was signed for a record that was merged into the firm."""
    return Declaration.organization_id.in_(names_of(Organization, organization_id))


def current_declaration(organization_id: int, metric: str, on: date) -> Declaration | None:
    """What a firm's number is, as known on a day: of the latest period, as last corrected."""
    query = select(Declaration).where(
        _of(organization_id), Declaration.metric == metric, _known_on(on)
    )
    latest = query.order_by(Declaration.period_end.desc(), Declaration.id.desc())
    return db.session.scalars(latest.limit(1)).first()


def declared(organization_id: int, on: date | None = None) -> dict[str, Declaration]:
    """Every number of a firm as known on a day."""
    return each(declared_by, (organization_id, on or today()))


Told = tuple[int, date]  # a firm, and the day of which is asked


def declared_by(told: Collection[Told]) -> dict[Told, dict[str, Declaration]]:
    """Every number of several firms, each as known on a day, in two statements."""
    asked, found = {firm_id for firm_id, _ in told}, dict[Told, dict[str, Declaration]]()
    older = older_ids(Organization, asked)
    query = select(Declaration).where(Declaration.organization_id.in_([*asked, *older]))
    rows = db.session.scalars(query.order_by(Declaration.period_end, Declaration.id)).all()
    for firm_id, on in told:
        found[firm_id, on] = {
            one.metric: one for one in rows
            if older.get(one.organization_id, one.organization_id) == firm_id
            and one.signed_at < _end_of(on)
        }  # fmt: skip
    return found


def declarations_of(organization_id: int) -> list[Declaration]:
    """All that a firm ever declared, the newest first."""
    query = select(Declaration).where(_of(organization_id))
    query = query.options(joinedload(Declaration.signed_by), joinedload(Declaration.prior))
    return list(db.session.scalars(query.order_by(Declaration.id.desc())))


def declared_members(group_id: int | None = None) -> list[Member]:
    """Every member today, or of one group, in each of its classes, as it declared."""
    live = select(Term.id).where(Term.membership_id == Membership.id, is_live(today())).exists()
    query = (
        select(Organization.id, Organization.name, Membership.kind, Organization.headcount,
               CorporateGroup.id, CorporateGroup.name, Organization.priced_by)
        .join(Membership, Membership.organization_id == Organization.id)
        .join(GroupMembership, and_(GroupMembership.organization_id == Organization.id,
                                    GroupMembership.until_on.is_(None)))
        .join(CorporateGroup, CorporateGroup.id == GroupMembership.group_id)
        .where(live, Membership.ended_on.is_(None))
        .order_by(Organization.id, Membership.id)
    )  # fmt: skip
    if group_id is not None:
        query = query.where(CorporateGroup.id == group_id)
    rows = db.session.execute(query).all()
    numbers = _numbers(None if group_id is None else {row[0] for row in rows})
    return [
        Member(firm_id, name, MembershipClass(kind).value, numbers.get(firm_id, {}), headcount,
               of_id, group, **_known(kind, found))
        for firm_id, name, kind, headcount, of_id, group, found in rows
    ]  # fmt: skip


def members_paying_in(currency: str) -> list[Member]:
    """Every member today that pays in a currency, in each of its classes, as it declared."""
    members = declared_members()
    pays = currencies_of({one.id for one in members})
    return [one for one in members if pays[one.id] == currency]


def _numbers(firm_ids: set[int] | None) -> dict[int, dict[str, str]]:
    """What these firms, or all, declared by today, by metric; what was merged away counts too."""
    merged, found = winners(Organization), dict[int, dict[str, str]]()
    told = select(Declaration.organization_id, Declaration.metric, Declaration.ten_thousandths)
    if firm_ids is not None:
        older = {old for old, new in merged.items() if new in firm_ids}
        told = told.where(Declaration.organization_id.in_(firm_ids | older))
    told = told.where(_known_on(today())).order_by(Declaration.period_end, Declaration.id)
    for firm_id, metric, scaled in db.session.execute(told):
        found.setdefault(merged.get(firm_id, firm_id), {})[metric] = _written(scaled)
    return found


def _written(scaled: int) -> str:
    whole, rest = divmod(scaled, 10**TEN_THOUSANDTHS)
    return f"{whole}.{rest:04}".rstrip("0").rstrip(".") if rest else str(whole)


def _known(kind: str, found: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(names) for name, names in facts_of(kind, found).items()}


def fresh_since() -> date:
    """A declaration whose period ends before this day is out of date."""
    return date(today().year - 1, 1, 1)


def _has_declared() -> ColumnElement[bool]:
    return exists().where(
        leads_to(Organization, Declaration.organization_id, Organization.id),
        Declaration.period_end >= fresh_since(),
    )


def declaring_firms(text: str = "", state: str = "") -> Select[Organization]:
    """Members of a class that is asked a number; `state` is declared, undeclared or any."""
    query = select(Organization).where(Organization.id.in_(live_firm_ids(today())))
    tariffs = current_tariffs(today())
    if tariffs:
        query = query.where(or_(*(_is_asked(one) for one in tariffs)))
    if text:
        query = query.where(Organization.name.icontains(text, autoescape=True))
    if state == "declared":
        query = query.where(_has_declared())
    if state == "undeclared":
        query = query.where(~_has_declared())
    return query.order_by(func.lower(Organization.name), Organization.id)


def _is_asked(tariff: Tariff) -> ColumnElement[bool]:
    """In a class that this tariff asks a number, and charged in its currency."""
    asked = [kind for kind in MembershipClass if metrics_asked(tariff.book, [kind])]
    mine = Membership.kind.in_(asked), Membership.ended_on.is_(None)
    pays_in = func.coalesce(last_currency(Organization.id), association().currency)
    return and_(Organization.memberships.any(and_(*mine)), pays_in == tariff.currency)


def is_due(organization_id: int) -> bool:
    """Whether a member is asked a number and told none for this year or the last.

    In one statement: it is asked on every visit of the dashboard.
    """
    query = (
        select(Tariff, Membership.kind, last_currency(Organization.id))
        .select_from(Organization)
        .join(Organization.memberships)
        .join(Tariff, Tariff.effective_from <= today())
        .where(Organization.id == organization_id, Organization.id.in_(live_firm_ids(today())))
        .where(Membership.ended_on.is_(None), ~_has_declared())
        .order_by(Tariff.effective_from, Tariff.id)
    )
    usual = association().currency
    in_effect = {  # the last of each class stays
        kind: tariff for tariff, kind, currency in db.session.execute(query)
        if tariff.currency == (currency or usual)
    }  # fmt: skip
    return any(metrics_asked(tariff.book, [kind]) for kind, tariff in in_effect.items())


def latest_of(organization_ids: list[int]) -> dict[int, list[Declaration]]:
    """The current numbers of some firms, a list each, in two statements."""
    merged = winners(Organization)
    numbers = [*organization_ids, *(old for old, new in merged.items() if new in organization_ids)]
    query = select(Declaration).where(Declaration.organization_id.in_(numbers))
    rows = db.session.scalars(query.order_by(Declaration.period_end, Declaration.id))
    found: dict[int, dict[str, Declaration]] = {}
    for one in rows:
        found.setdefault(merged.get(one.organization_id, one.organization_id), {})[one.metric] = (
            one
        )
    return {firm_id: list(latest.values()) for firm_id, latest in found.items()}


def all_declarations() -> Select[Declaration]:
    loads = joinedload(Declaration.organization), joinedload(Declaration.signed_by)
    return select(Declaration).options(*loads).order_by(Declaration.id.desc())
