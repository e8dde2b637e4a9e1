"""Founding the association and changing its facts. The caller commits."""

from typing import Any

from portal.association.models import Association
from portal.association.queries import UNFOUNDED, remember
from portal.core import audit
from portal.core.db import db


def found(**facts: Any) -> Association:
    """The one row, with dull defaults for what is not said."""
    credit = f"{facts.get('invoice_series', 'INV')}C"
    made = Association(id=1, **{**UNFOUNDED, "credit_series": credit, **facts})
    db.session.add(made)
    db.session.flush()
    remember(made)
    audit.record("association.founded", made, name=made.name)
    return made


def change(association: Association, **facts: Any) -> None:
    """New facts; the record keeps what each was before."""
    before = {name: getattr(association, name) for name in facts}
    changed: dict[str, Any] = {
        name: [before[name], value] for name, value in facts.items() if before[name] != value
    }
    for name, value in facts.items():
        setattr(association, name, value)
    db.session.add(association)
    if changed:
        audit.record("association.changed", association, **changed)
