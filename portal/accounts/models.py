"""People, how they sign in, and the staff roles they were given."""

import enum
from datetime import datetime
from functools import cached_property
from typing import Any

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.access import Permission, Role, permissions_of, roles_of
from portal.core.db import Key, Model


class Person(UserMixin, Model):
    """A human with one login; what they may do follows from roles, asked anew each request."""

    __tablename__ = "people"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)  # always lower case
    display_name: Mapped[str] = mapped_column(index=True)
    password_hash: Mapped[str | None]  # none until an invitation is taken up
    email_verified_at: Mapped[datetime | None]
    phone: Mapped[str] = mapped_column(default="")  # E.164
    zone: Mapped[str | None]  # IANA; none: the association's
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]  # closed, erased or merged into another
    closed_because: Mapped[str | None]  # only of one that was closed, and may be opened again
    totp_secret: Mapped[str | None]
    totp_enabled_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)  # a code serves once
    grants: Mapped[list["RoleGrant"]] = relationship(
        primaryjoin="and_(RoleGrant.person_id == Person.id, RoleGrant.revoked_at.is_(None))",
        viewonly=True,
    )

    # Of this request's session, not of the person: what the cookie carries, and its row here.
    session_token = ""
    session_id = 0
    acting_for = 0  # the firm that was chosen, by its id; 0 when there was nothing to choose

    # flask_login compares by what the cookie carries; two rows are the same row or they are not.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def get_id(self) -> str:
        return self.session_token

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    @property
    def was_closed(self) -> bool:
        """By an administrator, and so neither erased nor merged."""
        return self.disabled_at is not None and self.closed_because is not None

    @cached_property
    def roles(self) -> frozenset[Role]:
        return roles_of(self)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    def may(self, permission: Permission | str) -> bool:
        return permission in self.permissions

    @property
    def is_staff(self) -> bool:
        return self.may(Permission.STAFF_DESK)


class RoleGrant(Model):
    """A staff role, from one instant to another, and who gave it."""

    __tablename__ = "role_grants"
    __table_args__ = (
        Index(
            "uq_role_grants_open", "person_id", "role", unique=True,
            sqlite_where=text("revoked_at IS NULL"), postgresql_where=text("revoked_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    role: Mapped[Role]
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    revoked_at: Mapped[datetime | None]


class SignIn(Model):
    """One session of one person, on the server: ending it here kills the cookie."""

    __tablename__ = "sign_ins"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256 of what the cookie carries
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stays: Mapped[bool]
    address: Mapped[str]
    browser: Mapped[str]


class TokenKind(enum.StrEnum):
    RESET = "reset"
    VERIFY = "verify"
    INVITE = "invite"
    CHANGE_EMAIL = "change_email"


class Token(Model):
    """A secret in a mailed link: once, expiring, stored hashed."""

    __tablename__ = "tokens"

    id: Mapped[Key]
    kind: Mapped[TokenKind]
    hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person | None] = relationship()
    email: Mapped[str]
    payload: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Model):
    __tablename__ = "recovery_codes"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    hash: Mapped[str]
    used_at: Mapped[datetime | None]


class Try(Model):
    """One attempt at a password or a code, so that the limit holds across processes."""

    __tablename__ = "tries"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(80))  # "account:<hash>", "address:<ip>"
    at: Mapped[datetime]


class DataBundle(Model):
    """What is kept of a person, made by a job when they ask; it can be fetched for a day."""

    __tablename__ = "data_bundles"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    key: Mapped[str] = mapped_column(default="")  # of the file; empty before it is made and after
