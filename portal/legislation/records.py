"""Records as they came: kept, compared, never lost. The caller commits."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import joinedload

from portal.core import clock
from portal.core.db import db
from portal.legislation.bills import Bill, Unreadable, localized, number_key, session_key
from portal.legislation.formats import RollCall
from portal.legislation.models import BillRecord, BillRevision, BillSession, Measure, RecordKind
from portal.legislation.rules import SessionEnd
from portal.legislation.sources import PRIMARY, source_of
from portal.places.models import Place

Ends = Mapping[tuple[int, str], SessionEnd]  # by place and session
Identity = tuple[str, RecordKind, str]


@dataclass(frozen=True)
class Taken:
    """One record as it was read: its bytes, what they say, and what identifies them."""

    name: str
    raw: bytes
    item: Bill | RollCall
    digest: str

    @property
    def kind(self) -> RecordKind:
        return RecordKind.BILL if isinstance(self.item, Bill) else RecordKind.VOTE

    @property
    def key(self) -> str:
        return self.item.key if isinstance(self.item, Bill) else self.item.vote.key

    @property
    def identity(self) -> Identity:
        return self.item.source, self.kind, self.key

    @property
    def refers(self) -> str:
        """Under which a vote finds its bill: the source's own id, or session and number."""
        if isinstance(self.item, RollCall) and self.item.refers:
            return self.item.refers
        if self.item.source == "legiscan":
            return self.key
        return f"{session_key(self.item.session)}/{number_key(self.item.identifier)}"

    @property
    def revised_at(self) -> datetime | None:
        given = self.item.revised_at if isinstance(self.item, Bill) else ""
        if not given:
            return None
        at = datetime.fromisoformat(given)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


def known_records(batch: Iterable[Taken]) -> dict[Identity, BillRecord]:
    keys = sorted({(one.item.source, one.kind.value, one.key) for one in batch})
    columns = tuple_(BillRecord.source, BillRecord.kind, BillRecord.key)
    query = select(BillRecord).where(columns.in_(keys)) if keys else None
    found = db.session.scalars(query) if query is not None else ()
    return {(one.source, one.kind, one.key): one for one in found}


def verdict(one: Taken, before: "BillRecord | Taken | None") -> str:
    """What it is beside what was known of it: created, unchanged, older or changed."""
    if before is None:
        return "created"
    if before.digest == one.digest:
        return "unchanged"
    return "older" if is_older(one, before) else "changed"


def is_older(one: Taken, record: "BillRecord | Taken") -> bool:
    """By the source's own time; of two of the same instant the order of arrival must not count."""
    if one.revised_at is None or record.revised_at is None:
        return False
    return (one.revised_at, one.digest) < (record.revised_at, record.digest)


def compressed(raw: bytes) -> bytes:
    return zlib.compress(raw)


def touch(record: BillRecord, revised_at: datetime | None) -> None:
    """The same content with a later time stamp: only the time is news."""
    if revised_at and record.revised_at and revised_at > record.revised_at:
        record.revised_at = revised_at


def keep_revision(record: BillRecord, raw: bytes, of: str, revised_at: datetime | None) -> None:
    known = select(BillRevision.id).where(
        BillRevision.record_id == record.id, BillRevision.digest == of
    )
    if db.session.scalar(known) is None:
        db.session.add(
            BillRevision(record_id=record.id, raw=raw, digest=of, revised_at=revised_at,
                         seen_at=clock.now())
        )  # fmt: skip


def new_record(one: Taken, measure: Measure | None) -> BillRecord:
    now = clock.now()
    record = BillRecord(
        source=one.item.source, kind=one.kind, key=one.key, refers=one.refers, measure=measure,
        raw=compressed(one.raw), digest=one.digest, revised_at=one.revised_at,
        first_seen_at=now, last_seen_at=now,
    )  # fmt: skip
    db.session.add(record)
    db.session.flush()
    return record


def renew(record: BillRecord, one: Taken) -> None:
    """The record as it came now; as it was before, it becomes history."""
    keep_revision(record, record.raw, record.digest, record.revised_at)
    record.raw, record.digest = compressed(one.raw), one.digest
    record.revised_at, record.last_seen_at = one.revised_at, clock.now()


def first_records(measure_ids: Iterable[int]) -> dict[int, BillRecord]:
    """Of each measure that has any the record that counts first, with the measure."""
    query = select(BillRecord).where(
        BillRecord.kind == RecordKind.BILL, BillRecord.measure_id.in_(measure_ids)
    )
    shown = joinedload(BillRecord.measure).joinedload(Measure.place)
    found: dict[int, BillRecord] = {}
    for one in db.session.scalars(query.options(shown).order_by(BillRecord.id)):
        was = found.get(one.measure_id or 0)
        if was is None or PRIMARY.index(one.source) < PRIMARY.index(was.source):
            found[one.measure_id or 0] = one
    return found


def session_ends() -> dict[tuple[int, str], SessionEnd]:
    """When sessions ended or will, by place and session."""
    return {
        (one.place_id, one.key): SessionEnd(one.ends_on, one.end_kind, one.carries_over)
        for one in db.session.scalars(select(BillSession))
        if one.ends_on
    }


def see(record_ids: list[int], as_of: date) -> None:
    """What came again unchanged is true as of today; a second time on a day writes nothing."""
    if not record_ids:
        return
    owners = select(BillRecord.measure_id).where(BillRecord.id.in_(record_ids))
    stale = Measure.id.in_(owners), Measure.as_of < as_of
    db.session.execute(update(Measure).where(*stale).values(as_of=as_of))


def read_item(record: BillRecord) -> Bill | RollCall:
    """What a kept record says."""
    return read_raw(record.source, record.raw)


def read_raw(source: str, raw: bytes) -> Bill | RollCall:
    """The same of its compressed bytes, where no transaction is to be open."""
    item = source_of(source).parse(zlib.decompress(raw))
    if not isinstance(item, Bill | RollCall):
        raise Unreadable("The record is neither of a bill nor of a vote")
    return item


def read_bill(record: BillRecord, place: Place) -> Bill:
    """What the record of a bill says, in the days of its place."""
    item = read_item(record)
    if not isinstance(item, Bill):
        raise Unreadable("The record is not of a bill")
    return there(item, place.slug, place.timezone)


def there(bill: Bill, slug: str, timezone: str) -> Bill:
    """The same in the days of its place."""
    return localized(replace(bill, place=slug), timezone)
