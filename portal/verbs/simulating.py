"""`simulate-year`: the demo association day by day, with faults, ending in a proof and a page."""

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from portal import create_app
from portal.core import migrations
from portal.core.config import Settings
from portal.core.states import Refused
from portal.demo import running, seed, year
from portal.verbs.saying import bar, say


def add_to(verbs: Any) -> None:
    one = verbs.add_parser("simulate-year", help="the demo association day by day, with faults")
    one.add_argument("--days", type=int, default=365)
    one.add_argument("--seed", type=int, default=1, help="the same seed is the same year")
    one.add_argument("--report", type=Path, default=Path("year.html"), help="where the page goes")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=simulate, without_app=True)


def simulate(asked: argparse.Namespace) -> dict[str, object]:
    """In a portal of its own: nothing of yours is touched."""
    if not 1 <= asked.days <= 3660:
        raise Refused("Give 1 to 3660 days.")
    with tempfile.TemporaryDirectory(prefix="portal-year-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        env = running.environment("127.0.0.1", running.free_port(), folder)
        app = create_app(Settings.from_environment(env))
        with app.app_context():
            migrations.upgrade()
            seed.found(bar)
            lived = year.live(
                app, folder, asked.days, asked.seed, lambda done, of: bar("days", done, of)
            )
        shutil.copyfile(folder / "year.html", asked.report)
    faults = [*lived.wrong, *lived.waiting, *(f"Sent twice: {one}" for one in lived.twice)]
    acts = lived.acts + lived.books
    if not asked.json:
        say("\n".join(faults) or "The books add up, no mail was sent twice, nothing is undone.")
        say(f"{lived.mails} mails, {acts.total()} acts: see {asked.report}.")
    return {"ok": lived.is_well, "faults": faults, "acts": acts, "mails": lived.mails}
