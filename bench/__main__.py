"""`make bench`: p50 and p95 of the main pages, the floor beside them, ratios of one run.

Both are served by gunicorn with 2 × 4 threads; one client asks them in turn, so that whatever the
machine does meanwhile happens to both. SQLite first, then PostgreSQL.
"""

import sys
import tempfile
from pathlib import Path

from bench.timing import ROUNDS, measure, prepared, say, served
from tests.postgres import running_postgres

PAGES = (
    ("front page", "", "/"),
    ("event list", "", "/events/"),
    ("bill list", "", "/legislation/"),
    ("library search", "person", "/library/?q=night+transport"),
    ("dashboard", "manager", "/dashboard"),
    ("staff firm list", "membership", "/staff/members/"),
)
LIMIT = 8.0


def bench(database_url: str, floor_url: str, folder: Path) -> bool:
    env = prepared(database_url, floor_url, folder)
    with served("wsgi:app", env) as portal, served("bench.floor:make_app()", env) as floor:
        rows = measure(portal, floor, PAGES)
    say(f"{'page':18}{'p50 ms':>9}{'p95 ms':>9}{'× floor':>9}")
    for name, p50, p95, ratio in rows:
        say(f"{name:18}{p50:9.1f}{p95:9.1f}{ratio:9.1f}{'' if ratio <= LIMIT else '  over'}")
    return all(ratio <= LIMIT for *_rest, ratio in rows)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="portal-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        say(f"SQLite, {ROUNDS} rounds, at most {LIMIT:.0f} × the floor's p50")
        is_well = bench("", f"sqlite:///{folder / 'floor.db'}", folder / "sqlite")
        with running_postgres(folder) as addresses:
            say("\nPostgreSQL")
            is_well &= bench(addresses[0], addresses[1], folder / "postgres")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
