"""Versions that should not have stood."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Key, Model


class VersionWithdrawal(Model):
    """Why readers do not get a version any more, although it may be cited; who: the record."""

    __tablename__ = "version_withdrawals"
    __table_args__ = (UniqueConstraint("practice_id", "version"),)

    id: Mapped[Key]
    practice_id: Mapped[int] = mapped_column(ForeignKey("practices.id"))
    version: Mapped[int]
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime]
