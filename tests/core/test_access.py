"""Access: what each kind of person may do, asked anew on every request."""

import pytest
from flask import Flask

from portal.core import access
from portal.core.access import Permission, Role
from portal.core.db import db
from tests.make import make_contact, make_firm, make_member, make_membership, make_person


def may(person):
    return access.permissions_of(access.roles_of(person))


def test_a_view_that_declares_nothing_is_named_when_the_app_starts():
    app = Flask("undeclared")
    app.add_url_rule("/open", "open_door", lambda: "")
    with pytest.raises(RuntimeError, match="open_door"):
        access.require_every_view_to_declare(app)


def test_each_mark_is_what_the_hook_reads():
    marks = {
        access.public(lambda: "").access, access.signed_in(lambda: "").access,
        access.requires(Permission.DUES_READ)(lambda: "").access,
    }  # fmt: skip
    assert marks == {"public", "signed_in", "dues:read"}


def test_somebody_without_firm_or_role_may_nothing():
    assert may(make_person()) == frozenset()


def test_a_member_reads_the_library_and_a_lapsed_firm_s_person_does_not():
    assert Permission.LIBRARY_READ in may(make_member())
    lapsed = make_contact(make_firm(), "roster_manager")
    assert Permission.LIBRARY_READ not in may(lapsed)
    assert Permission.FIRM_MANAGE in may(lapsed)


def test_a_role_at_a_firm_ends_with_the_affiliation():
    firm = make_firm()
    make_membership(firm)
    person = make_contact(firm, "dues_contact")
    assert Permission.FIRM_PAY in may(person)
    firm.affiliations[0].until_on = firm.affiliations[0].from_on
    db.session.commit()
    assert may(person) == frozenset()


@pytest.mark.parametrize("role", access.STAFF_ROLES)
def test_no_staff_role_acts_for_a_firm(role):
    firms_own = {Permission.FIRM_READ, Permission.FIRM_MANAGE, Permission.FIRM_PAY}
    assert not firms_own & access.permissions_of([role])


@pytest.mark.parametrize("role", [one for one in access.STAFF_ROLES if one is not Role.ADMIN])
def test_only_the_administrator_gives_roles_and_changes_the_association(role):
    granted = access.permissions_of([role])
    assert Permission.ROLES_GRANT not in granted
    assert Permission.ASSOCIATION_MANAGE not in granted
    assert {Permission.ROLES_GRANT, Permission.ASSOCIATION_MANAGE} <= access.permissions_of(
        [Role.ADMIN]
    )
