"""Measures and what happened to them; the records they were imported from."""

from portal.legislation.models.measures import (
    Measure,
    MeasureEvent,
    MeasureName,
    MeasureNote,
    MeasureReview,
)
from portal.legislation.models.records import (
    BillRecord,
    BillRelation,
    BillRevision,
    BillSession,
    ImportProblem,
    ImportRun,
    RecordKind,
)

__all__ = [
    "BillRecord",
    "BillRelation",
    "BillRevision",
    "BillSession",
    "ImportProblem",
    "ImportRun",
    "Measure",
    "MeasureEvent",
    "MeasureName",
    "MeasureNote",
    "MeasureReview",
    "RecordKind",
]
