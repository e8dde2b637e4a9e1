"""`search-eval`: the ranking of the library, measured on a foreign collection."""

import argparse
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from portal.core.search import Engine, PostgresEngine, WhooshEngine, evaluation
from portal.core.states import Refused
from portal.verbs.saying import bar, say

UNHURRIED = 3600.0  # seconds a search may take: here it is to be judged, not to be quick


def add_to(verbs: Any) -> None:
    one = verbs.add_parser("search-eval", help="measure the ranking on a judged collection")
    one.add_argument("--docs", type=Path, required=True, help='lines of {"id", "title", "body"}')
    one.add_argument("--queries", type=Path, required=True, help='lines of {"id", "text"}')
    one.add_argument("--qrels", type=Path, required=True, help="query, document, grade by tabs")
    one.add_argument("--engine", choices=["whoosh", "postgres"], default=None)
    one.add_argument(
        "--split", action="store_true",
        help="also of each half of the queries: one to tune with, one kept apart to judge by",
    )  # fmt: skip
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=search_eval, without_app=True)


def search_eval(asked: argparse.Namespace) -> dict[str, object]:
    for path in (asked.docs, asked.queries, asked.qrels):
        if not path.is_file():
            raise Refused(f"{path} is no file.")
    texts, judged = evaluation.queries(asked.queries), evaluation.judgements(asked.qrels)
    name = asked.engine or os.environ.get("SEARCH_ENGINE") or "whoosh"
    with _temporary(name) as engine:
        count = evaluation.index(engine, asked.docs, lambda done, of: bar("documents", done, of))
        report = evaluation.run(engine, texts, judged)
        halves = evaluation.parts(texts) if asked.split else {}
        parts = {part: evaluation.run(engine, half, judged) for part, half in halves.items()}
    if not asked.json:
        say(f"{count} documents, {name}")
        for part, one in {"": report, **parts}.items():
            _say(part, one)
    made = {"engine": name, "documents": count, **asdict(report)}
    return made | ({"parts": {part: asdict(one) for part, one in parts.items()}} if parts else {})


def _say(part: str, report: evaluation.Report) -> None:
    say(f"{report.queries} queries {part.replace('_', ' ')}".rstrip())
    say(f"  nDCG@10     {report.ndcg_at_10:.4f}")
    say(f"  MRR@10      {report.mrr_at_10:.4f}")
    say(f"  Recall@100  {report.recall_at_100:.4f}")
    say(f"  queries per second  {report.queries_per_second:.1f}")


@contextmanager
def _temporary(name: str) -> Iterator[Engine]:
    """An index of its own, gone afterwards; the portal's is not touched."""
    if name == "whoosh":
        with tempfile.TemporaryDirectory(prefix="search-eval-") as folder:
            whoosh = WhooshEngine(Path(folder), time_limit=UNHURRIED)
            yield whoosh
            whoosh.close()
        return
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgresql"):
        raise Refused("DATABASE_URL must name the PostgreSQL to measure in.")
    postgres = PostgresEngine(
        url, time_limit=UNHURRIED, home=f"search_eval_{secrets.token_hex(4)}"
    )
    try:
        yield postgres
    finally:
        postgres.forget()
        postgres.close()
