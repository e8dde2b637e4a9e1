"""The columns of a measure from its record, and what people corrected. The caller commits."""

from datetime import date
from typing import Any

from portal.legislation.actions.measures import refresh
from portal.legislation.bills import Bill
from portal.legislation.models import Measure
from portal.legislation.records import Ends
from portal.legislation.rules import Derived, after_session
from portal.legislation.sources import Source, source_of
from portal.legislation.stages import Stage


def derive(measure: Measure, bill: Bill, ends: Ends, on: date) -> Derived:
    """Its stage by the rules of its source, and by the calendar as of that day."""
    found = source_of(bill.source).derive(bill, on.isoformat())
    return after_session(found, bill, ends.get((measure.place_id, measure.session)), on)


def apply(measure: Measure, bill: Bill, derived: Derived, source: Source) -> None:
    """The columns that lists and filters use, with people's corrections on top."""
    last = bill.actions[-1].text if bill.actions else ""
    facts: dict[str, Any] = {
        "number": bill.identifier, "title": bill.title, "kind": bill.kind,
        "status_words": (bill.status or last or f"As {source.words} lists it")[:600],
        "stage": derived.stage, "stage_rule": derived.rule, "stage_evidence": derived.evidence,
        "stage_confidence": derived.confidence, "flags": sorted(derived.flags),
        "introduced_on": day_in(bill.introduced_on), "effective_on": day_in(bill.effective_on),
        "status_on": day_in(bill.latest_action_on) or day_in(bill.status_on),
        "source": f"{source.words}: {bill.url}" if bill.url else source.words, "certainty": "A",
    }  # fmt: skip
    for name, value in facts.items():
        setattr(measure, name, value)
    correct(measure, facts)
    refresh(measure)


def correct(measure: Measure, facts: dict[str, Any]) -> None:
    """Put what people corrected over what the source says; one that it now says itself retires."""
    kept = dict(measure.corrections)
    for name, correction in measure.corrections.items():
        if str(facts.get(name)) == str(correction["value"]):
            del kept[name]
        else:
            setattr(measure, name, _typed(name, correction["value"]))
    if kept != measure.corrections:
        measure.corrections = kept


def _typed(name: str, value: Any) -> Any:
    if name == "stage":
        return Stage(value)
    return date.fromisoformat(value) if name.endswith("_on") and value else value


def day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
