"""Votes to their bills, relations to the bills they name, whichever came first.

The caller commits.
"""

from collections.abc import Sequence

from sqlalchemy import select, tuple_

from portal.core.db import db
from portal.legislation.models import BillRecord, BillRelation, Measure, RecordKind


def resolve_votes(refers: set[str], sources: set[str]) -> list[BillRecord]:
    """Votes that found their bill now, among those that say one of these numbers."""
    of_these = (BillRecord.source.in_(sources), BillRecord.refers.in_(sorted(refers)))
    waiting = list(db.session.scalars(
        select(BillRecord).where(
            *of_these, BillRecord.kind == RecordKind.VOTE, BillRecord.measure_id.is_(None)
        )
    ))  # fmt: skip
    if not waiting:
        return []
    query = select(BillRecord.source, BillRecord.refers, BillRecord.measure_id)
    found: dict[tuple[str, str], set[int]] = {}
    for name, key, measure_id in db.session.execute(
        query.where(*of_these, BillRecord.kind == RecordKind.BILL)
    ):
        found.setdefault((name, key), set()).add(measure_id or 0)
    settled = []
    for record in waiting:
        owners = found.get((record.source, record.refers), set())
        if len(owners) == 1:  # the same number in two places: neither is guessed
            record.measure_id = next(iter(owners))
            settled.append(record)
    return settled


def resolve_relations(touched: Sequence[Measure]) -> None:
    """In both directions: what the touched bills name, and who names them."""
    if not touched:
        return
    ids = [one.id for one in touched]
    mine = select(BillRelation).where(
        BillRelation.other_id.is_(None), BillRelation.measure_id.in_(ids)
    )
    keys = sorted({(one.session, one.number_key) for one in touched})
    named = tuple_(BillRelation.session, BillRelation.number_key).in_(keys)
    others = select(BillRelation).where(BillRelation.other_id.is_(None), named)
    relations = {one.id: one for query in (mine, others) for one in db.session.scalars(query)}
    wanted = sorted({(one.session, one.number_key) for one in relations.values()})
    if not wanted:
        return
    columns = tuple_(Measure.session, Measure.number_key)
    query = select(Measure.place_id, Measure.session, Measure.number_key, Measure.id)
    found = {row[:3]: row[3] for row in db.session.execute(query.where(columns.in_(wanted)))}
    places = dict(db.session.execute(
        select(Measure.id, Measure.place_id).where(
            Measure.id.in_(sorted({one.measure_id for one in relations.values()}))
        )
    ).all())  # fmt: skip
    for one in relations.values():
        other = found.get((places[one.measure_id], one.session, one.number_key))
        one.other_id = other if other != one.measure_id else None
