"""`serve`, `worker`, `migrate`, `run-demo`, `seed-demo`: what keeps a portal running."""

import argparse
import logging
import os
from pathlib import Path
from typing import Any

from portal import create_app
from portal.core import migrations
from portal.core.config import Settings
from portal.core.db import db
from portal.core.states import Refused
from portal.core.supervisor import web_server
from portal.demo import running, seed
from portal.verbs.saying import bar, say


def add_to(verbs: Any) -> None:
    one = verbs.add_parser("migrate", help="bring the database up to date")
    one.add_argument("--to", default="head", help="a number like 0001, or base; also back")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=migrate)
    one = verbs.add_parser("serve", help="the web server, on HOST and PORT")
    one.add_argument("--processes", type=int, default=2)
    one.add_argument("--threads", type=int, default=32)
    one.set_defaults(run=serve, without_app=True)
    one = verbs.add_parser("worker", help="the job worker")
    one.set_defaults(run=work)
    one = verbs.add_parser("seed-demo", help="the demo association, once, into an empty portal")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=seed_demo)
    one = verbs.add_parser("run-demo", help="everything at once, as `make run` does")
    one.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    one.add_argument("--port", type=int, default=5000)
    one.add_argument("--data", type=Path, default=Path("var"))
    one.add_argument("--found", action="store_true", help="migrate and found the demo first")
    one.set_defaults(run=run_demo, without_app=True)


def migrate(asked: argparse.Namespace) -> dict[str, object]:
    was = migrations.current()
    if asked.to == "head" or (asked.to != "base" and asked.to > (was or "")):
        migrations.upgrade(asked.to)
    else:
        migrations.downgrade(asked.to)
    now = migrations.current()
    if not asked.json:
        say(f"The database was at {was or 'nothing'} and is at {now or 'nothing'}.")
    return {"ok": True, "was": was, "is": now}


def serve(asked: argparse.Namespace) -> None:
    """Become gunicorn."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "5000")
    command = web_server(host, port, asked.processes, asked.threads)
    os.execv(command[0], command)  # noqa: S606 - no shell on purpose


def work(asked: argparse.Namespace) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    asked.app.extensions["huey"].create_consumer(
        workers=2, worker_type="thread", max_delay=0.5, check_worker_health=True
    ).run()


def seed_demo(asked: argparse.Namespace) -> dict[str, object]:
    if not asked.settings.demo:
        raise Refused(
            "The demo association is only for a demo: set DEMO=1 and another PORTAL_DATA."
        )
    is_new = _found()
    if not asked.json:
        say(_words(is_new=is_new))
    return {"ok": True, "founded": is_new}


def _found() -> bool:
    """False when it was there already."""
    migrations.upgrade()
    return seed.found(bar)


def _words(*, is_new: bool) -> str:
    return "Founded." if is_new else "The demo association is there already."


def run_demo(asked: argparse.Namespace) -> dict[str, bool]:
    data = asked.data.resolve()
    if asked.found:
        env = running.environment(asked.host, asked.port, data)
        app = create_app(Settings.from_environment(env))
        with app.app_context():
            say(_words(is_new=_found()))
            db.session.rollback()
            db.engine.dispose()
    died = running.run(asked.host, asked.port, data)
    return {"ok": not died}
