"""What happened to measures: noted on their pages, told to followers. The caller commits."""

from collections.abc import Mapping, Sequence
from datetime import date

from portal.core import clock, jobs
from portal.core.db import db
from portal.legislation.actions.deriving import day_in
from portal.legislation.changes import Change
from portal.legislation.models import Measure, MeasureEvent


def note(
    measure: Measure, change: Change, source: str, day: date, *, is_news: bool
) -> MeasureEvent:
    """An event of its own day, or of `day` when the source tells none."""
    event = MeasureEvent(
        measure_id=measure.id, on=day_in(change.on) or day, text=change.text[:2000],
        source=source, author=None, noted_at=clock.now(), kind=change.kind, is_news=is_news,
    )  # fmt: skip
    db.session.add(event)
    return event


def tell(news: Mapping[int, Sequence[MeasureEvent]]) -> None:
    """One job for a measure, by its id, whatever happened to it."""
    db.session.flush()
    for measure_id, events in news.items():
        ids = [one.id for one in events]
        jobs.queue(
            "portal.legislation.jobs.tell_followers", key=f"measure-news:{ids[0]}",
            measure_id=measure_id, event_ids=ids,
        )  # fmt: skip
