"""Two accounts of one person become one: what both have is there once, as the kept one has it."""

from sqlalchemy import delete, exists
from sqlalchemy.orm import aliased

from portal.core.db import db
from portal.notices.models import FeedKey, Follow, MailPace, NewsMark, StoppedMail

Kept = type[Follow] | type[StoppedMail] | type[MailPace] | type[NewsMark] | type[FeedKey]

# By what two rows of one person may not be alike.
ONCE: tuple[tuple[Kept, tuple[str, ...]], ...] = (
    (Follow, ("kind", "subject_id", "words")), (StoppedMail, ("kind",)), (MailPace, ("kind",)),
    (NewsMark, ("kind",)), (FeedKey, ()),
)  # fmt: skip


def once_each(keep_id: int, lose_id: int) -> None:
    for model, names in ONCE:
        twin = aliased(model)
        alike = [getattr(twin, name) == getattr(model, name) for name in names]
        kept = exists().where(twin.person_id == keep_id, *alike)
        db.session.execute(delete(model).where(model.person_id == lose_id, kept))
