"""Addresses that practices had: links to them go on working."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Key, Model
from portal.library.models.practices import Practice


class FormerAddress(Model):
    __tablename__ = "practice_former_addresses"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(unique=True)
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"), index=True)
    practice: Mapped[Practice] = relationship()
