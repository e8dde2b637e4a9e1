"""Searches that people saved, and the synonyms as staff made them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Key, Model
from portal.notices.models import Often


class SavedSearch(Model):
    """An address of a search page, and what it had found when it was last looked at."""

    __tablename__ = "saved_searches"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    person: Mapped[Person] = relationship()
    name: Mapped[str]
    address: Mapped[str]  # "/library/?q=night+bus&theme=transport"
    often: Mapped[Often]
    seen: Mapped[dict[str, Any]]  # the keys of what was found, each with how it looked
    made_at: Mapped[datetime]
    looked_at: Mapped[datetime] = mapped_column(index=True)


class SynonymList(Model):
    """The whole list as it was kept once; the last one holds."""

    __tablename__ = "synonym_lists"

    id: Mapped[Key]
    text: Mapped[str]
    note: Mapped[str]  # why
    made_at: Mapped[datetime]
