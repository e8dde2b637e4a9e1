"""Imported bills as plain objects, one a bill: for whoever checks us from outside."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import func, select

from portal.association.queries import today
from portal.core.db import db
from portal.legislation.actions.deriving import derive
from portal.legislation.bills import Bill
from portal.legislation.models import BillRecord, RecordKind
from portal.legislation.records import Ends, first_records, read_bill, session_ends

BATCH = 500


def lines(as_of: date | None) -> Iterator[dict[str, Any]]:
    """Every bill that has a record, by id; stages as of that day, of today when none is named."""
    day = as_of or today()
    after = 0
    ends = session_ends()
    while batch := _batch(after):
        after = max(batch)
        votes = _votes(list(batch))
        for measure_id, record in sorted(batch.items()):
            yield _line(record, votes.get(measure_id, 0), ends, day)
        db.session.expunge_all()


def _batch(after: int) -> dict[int, BillRecord]:
    """The next measures, each with the record that counts first."""
    ids = select(BillRecord.measure_id).where(
        BillRecord.kind == RecordKind.BILL, BillRecord.measure_id > after
    )
    chosen = db.session.scalars(ids.distinct().order_by(BillRecord.measure_id).limit(BATCH))
    return first_records([one for one in chosen if one is not None])


def _votes(measure_ids: list[int]) -> dict[int, int]:
    """Votes that came as records of their own."""
    query = select(BillRecord.measure_id, func.count(BillRecord.id)).where(
        BillRecord.kind == RecordKind.VOTE, BillRecord.measure_id.in_(measure_ids)
    )
    rows = db.session.execute(query.group_by(BillRecord.measure_id))
    return {owner: count for owner, count in rows if owner is not None}


def _line(record: BillRecord, votes: int, ends: Ends, day: date) -> dict[str, Any]:
    measure = record.measure
    if measure is None:
        raise LookupError("a record of a bill without its measure")
    bill = read_bill(record, measure.place)
    found = derive(measure, bill, ends, day)
    stage, rule = found.stage.value, found.rule
    if "stage" in measure.corrections:
        stage, rule = measure.stage.value, "manual"
    return {
        "jurisdiction": measure.place.slug, "session": bill.session,
        "identifier": measure.number, "title": measure.title, "titles": _titles(bill),
        "stage": stage, "rule": rule, "source_status": bill.status,
        "introduced_on": bill.introduced_on or None,
        "latest_action_on": bill.latest_action_on or None,
        "actions": len(bill.actions), "sponsors": len(bill.standing),
        "cosponsors": sum(one.role != "primary" for one in bill.standing),
        "versions": len(bill.versions), "votes": votes or len(bill.votes),
        "related": [{"identifier": one.identifier, "session": one.session,
                     "relation": one.relation} for one in bill.related],
        "source": bill.source, "flags": sorted(found.flags),
    }  # fmt: skip


def _titles(bill: Bill) -> list[str]:
    """Each once, the present one first."""
    return list(dict.fromkeys([bill.title, *(one.text for one in bill.titles)]))
