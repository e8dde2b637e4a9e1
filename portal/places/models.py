"""Jurisdictions, as a tree whose path makes "and everything in it" one comparison."""

import enum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Key, Model


class Level(enum.StrEnum):
    CIVIC = "civic"
    STATE_PROVINCIAL = "state_provincial"
    NATIONAL = "national"
    SUPRANATIONAL = "supranational"


class Place(Model):
    """A jurisdiction. `slug` never changes; `path` is `/us/us-nj/`."""

    __tablename__ = "places"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"), index=True)
    parent: Mapped["Place | None"] = relationship(remote_side="Place.id")
    path: Mapped[str] = mapped_column(unique=True)
    level: Mapped[Level]
    name: Mapped[str] = mapped_column(index=True)
    other_names: Mapped[list[str]]
    search_name: Mapped[str]  # all names, small and without accents
    iso_3166_1: Mapped[str | None] = mapped_column(String(2))
    iso_3166_2: Mapped[str | None] = mapped_column(unique=True)
    timezone: Mapped[str]
    currency: Mapped[str | None] = mapped_column(String(3))
    languages: Mapped[list[str]]


class PlaceCode(Model):
    """An identifier that somebody else gave a place; several may mean the same one."""

    __tablename__ = "place_codes"

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    place: Mapped[Place] = relationship(backref="codes")
    scheme: Mapped[str]  # "ocd", "slug" (a former one)
    value: Mapped[str] = mapped_column(unique=True)
