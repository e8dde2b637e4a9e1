"""Who may read a practice: `committee:policy` or `group:harbour-group` resolved to its row."""

from typing import Any

from sqlalchemy import ColumnElement, select

from portal.accounts.models import Person
from portal.association.queries import today
from portal.committees.models import Committee, CommitteeSeat
from portal.committees.queries import committees_of, open_seats_of
from portal.core.access import Permission, Role
from portal.core.db import db
from portal.core.search.index import Readers
from portal.core.states import Refused
from portal.library.front_matter import kebab
from portal.library.models import Practice, Visibility
from portal.members.models import Affiliation, CorporateGroup, GroupBasis, GroupMembership
from portal.members.queries import in_group


def share_with(practice: Practice, words: str) -> None:
    """Take `visibility` over from front matter. Raises `Refused` where it names nobody."""
    kind, _, slug = words.partition(":")
    practice.visibility = Visibility(kind)
    committee = group = None
    if practice.visibility is Visibility.COMMITTEE:
        committee = db.session.scalar(select(Committee).where(Committee.slug == slug))
    if practice.visibility is Visibility.GROUP:
        group = _group(slug)
    if practice.visibility.value != words and not (committee or group):
        raise Refused(f"visibility: there is no {kind} {slug}")
    practice.committee, practice.committee_id = committee, committee.id if committee else None
    practice.group, practice.group_id = group, group.id if group else None


def _group(slug: str) -> CorporateGroup | None:
    """By the number at its end, whatever the group is called by now; else by a name of one."""
    number = slug.rpartition("-")[2]
    if number.isdecimal() and len(number) < 10:
        found = db.session.get(CorporateGroup, int(number))
        if found and words_for(found) == f"group:{slug}":
            return found
    groups = db.session.scalars(select(CorporateGroup).order_by(CorporateGroup.id))
    named = [one for one in groups if kebab(one.name) == slug]
    return named[0] if len(named) == 1 else None


def words_for(group: CorporateGroup) -> str:
    """Names differ and may still read alike in small letters: the number tells them apart."""
    return f"group:{kebab(group.name) or 'group'}-{group.id}"


def words_of(practice: Practice) -> str:
    """The choice that stands in the form."""
    if practice.group:
        return words_for(practice.group)
    return practice.audience


def choices() -> dict[str, str]:
    """What an editor chooses from."""
    committees = db.session.scalars(select(Committee).order_by(Committee.name))
    groups = db.session.scalars(select(CorporateGroup).order_by(CorporateGroup.name))
    return {
        "members": "Members", "public": "Everybody",
        **{f"committee:{one.slug}": f"Committee: {one.name}" for one in committees},
        **{words_for(one): f"Group: firms of {one.name}" for one in groups},
        "staff": "Staff only",
    }  # fmt: skip


def readers_of(practice: Practice) -> Readers:
    """Who may find all of it, and who its title alone."""
    is_teased = practice.has_teaser and practice.visibility is Visibility.MEMBERS
    return frozenset({practice.audience}), frozenset({"public"} if is_teased else ())


def special_audiences(reader: Person | Any) -> set[str]:
    """The committees a reader sits on and the groups of the firms they work for."""
    found = set()
    if Role.COMMITTEE in reader.roles:
        found = {f"committee:{one.slug}" for one in committees_of(reader)}
    if reader.may(Permission.LIBRARY_READ):
        found |= {f"group:{one}" for one in db.session.scalars(_groups_of(reader))}
    return found


def shared_with(reader: Person | Any) -> list[ColumnElement[bool]]:
    """The same as conditions, so that a list asks them with its own question."""
    found: list[ColumnElement[bool]] = []
    if Role.COMMITTEE in reader.roles:
        seats = open_seats_of(reader).order_by(None)
        found.append(
            Practice.committee_id.in_(seats.with_only_columns(CommitteeSeat.committee_id))
        )
    if reader.may(Permission.LIBRARY_READ):
        found.append(Practice.group_id.in_(_groups_of(reader)))
    return found


def _groups_of(reader: Person | Any) -> Any:
    """A common owner that only staff found gives nothing away before it is confirmed."""
    return (
        select(GroupMembership.group_id)
        .join(Affiliation, Affiliation.organization_id == GroupMembership.organization_id)
        .where(Affiliation.person_id == reader.id, Affiliation.until_on.is_(None))
        .where(in_group(today()), GroupMembership.basis != GroupBasis.STAFF)
    )
