"""`make bench-members`: the register at 100 firms and at 10,000, on both databases.

Its pages, a what-if, an ordinary night, and the one in which all firms renew at once.

Each size is a portal of its own with the demo association in it and firms in bulk beside; the
floor is served beside each, so that sizes are compared in floors of their own run.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.population import populate
from bench.timing import Page, measure, prepared, say, served
from portal import create_app
from portal.association.queries import today
from portal.core.config import Settings
from portal.dues.queries import current_tariff, declared_members
from portal.dues.what_if import what_if
from portal.renewals.actions import due_on
from portal.renewals.jobs import look_after_memberships
from tests.postgres import running_postgres

SMALL, LARGE, ROUNDS = 100, 10_000, 60
MOST_GROWTH, MOST_FLOORS = 1.3, 10.0
PAGES: tuple[Page, ...] = (
    ("firm list", "membership", "/staff/members/"),
    ("firm page", "membership", "/staff/members/70"),
    ("receivables", "finance", "/staff/dues/?state=open"),
    ("renewals board", "membership", "/staff/members/renewals"),
)
MOST_NIGHT, MOST_WHAT_IF = 120, 5  # seconds


def fill(env: dict[str, str], firms: int, *, are_invoiced: bool = True) -> None:
    app = create_app(Settings.from_environment(env))
    with app.app_context():
        began = time.monotonic()
        populate(firms, _bar, are_invoiced=are_invoiced)
        say(f"\r{firms} firms in {time.monotonic() - began:.0f} s" + " " * 20)


def _bar(done: int, of: int) -> None:
    sys.stdout.write(f"\r{done} of {of} firms")
    sys.stdout.flush()


def size(env: dict[str, str], firms: int) -> dict[str, tuple[float, float]]:
    """Of each page p50 in milliseconds and in floors."""
    fill(env, firms)
    with served("wsgi:app", env) as portal, served("bench.floor:make_app()", env) as floor:
        rows = measure(portal, floor, PAGES, ROUNDS)
    return {name: (p50, ratio) for name, p50, _p95, ratio in rows}


def night(env: dict[str, str]) -> bool:
    """What the passing of a day does to everybody: endings, reminders, the next renewals."""
    app = create_app(Settings.from_environment(env))
    with app.app_context():
        acts, began = len(list(due_on(today()))), time.monotonic()
        look_after_memberships()
        seconds = time.monotonic() - began
    say(f"a night with {acts} acts took {seconds:.0f} s (most: {MOST_NIGHT} s)")
    return seconds <= MOST_NIGHT


def all_renew(env: dict[str, str]) -> bool:
    """The night in which the next term of every firm is offered and invoiced."""
    fill(env, LARGE, are_invoiced=False)
    return night(env)


def reckon(env: dict[str, str]) -> bool:
    """What a tariff would bring from every member: read, and reckoned beside the one in effect."""
    app = create_app(Settings.from_environment(env))
    with app.app_context():
        tariff, began = current_tariff(today()), time.monotonic()
        book = tariff.whole_book if tariff else {}
        found = what_if(book, book, declared_members(), today())
        seconds = time.monotonic() - began
    say(f"what-if over {len(found.rows)} members took {seconds:.1f} s (most: {MOST_WHAT_IF} s)")
    return seconds <= MOST_WHAT_IF


def compare(make_env: Callable[[str], dict[str, str]]) -> bool:
    small, env = size(make_env("small"), SMALL), make_env("large")
    large = size(env, LARGE)
    say(f"{'page':18}{SMALL:>7} firms{LARGE:>8} firms{'growth':>9}{'× floor':>9}")
    is_well = True
    for name, (p50, ratio) in large.items():
        growth = ratio / small[name][1]
        fits = growth <= MOST_GROWTH and ratio <= MOST_FLOORS
        is_well &= fits
        over = "" if fits else "  over"
        say(f"{name:18}{small[name][0]:10.1f} ms{p50:11.1f} ms{growth:9.2f}{ratio:9.1f}{over}")
    proofs = reckon(env), night(env), all_renew(make_env("mass"))
    return is_well and all(proofs)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="portal-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)

        def on_sqlite(size: str) -> dict[str, str]:
            return prepared("", f"sqlite:///{folder / f'floor-{size}.db'}", folder / size)

        say(f"SQLite, {ROUNDS} rounds: growth ≤ {MOST_GROWTH}, ≤ {MOST_FLOORS:.0f} floors")
        is_well = compare(on_sqlite)
        with running_postgres(folder) as addresses:
            say("\nPostgreSQL")
            floor, *left = addresses

            def on_postgres(size: str) -> dict[str, str]:
                return prepared(left.pop(), floor, folder / f"postgres-{size}")

            is_well &= compare(on_postgres)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
