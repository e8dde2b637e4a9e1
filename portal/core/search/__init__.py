"""Search: documents in, ranked and permitted hits out; one interface, two engines behind it."""

from portal.core.search.document import (
    Document,
    Engine,
    Hit,
    Piece,
    Query,
    Results,
    Unavailable,
)
from portal.core.search.postgres_engine import PostgresEngine
from portal.core.search.snippets import as_html
from portal.core.search.whoosh_engine import WhooshEngine

__all__ = [
    "Document", "Engine", "Hit", "Piece", "PostgresEngine", "Query", "Results", "Unavailable",
    "WhooshEngine", "as_html",
]  # fmt: skip
