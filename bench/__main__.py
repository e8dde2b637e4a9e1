"""`make bench`: p50 and p95 of the main pages, the floor beside them, ratios of one run.

Both are served by gunicorn with 2 × 4 threads; one client asks them in turn, so that whatever the
machine does meanwhile happens to both. SQLite first, then PostgreSQL.
"""

import http.cookiejar
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import running_postgres

BIN = Path(sys.executable).parent
PAGES = (
    ("front page", "", "/"),
    ("event list", "", "/events/"),
    ("bill list", "", "/legislation/"),
    ("library search", "person", "/library/?q=night+transport"),
    ("dashboard", "manager", "/dashboard"),
    ("staff firm list", "membership", "/staff/members/"),
)
ROUNDS, WARM = 120, 15
LIMIT = 8.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(app: str, env: dict[str, str]) -> Iterator[str]:
    port = free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2"]
    options += ["--threads", "4", "--no-control-socket", "--log-level", "error", "--preload"]
    command = [str(BIN / "gunicorn"), *options, app]
    process = subprocess.Popen(command, env=env | {"PORT": str(port)})
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def sign_in(url: str, account: str) -> urllib.request.OpenerDirector:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    if account:
        page = opener.open(f"{url}/sign-in").read().decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        facts = {"email": f"{account}@demo.example", "password": "demo-association"}
        facts["csrf_token"] = token[1] if token else ""
        opener.open(f"{url}/sign-in", urllib.parse.urlencode(facts).encode()).read()
    return opener


def once(opener: urllib.request.OpenerDirector, url: str) -> float:
    """Milliseconds from asking to the last byte."""
    began = time.perf_counter()
    with opener.open(url) as answer:
        answer.read()
    return (time.perf_counter() - began) * 1000


def measure(portal: str, floor: str) -> list[tuple[str, float, float, float]]:
    rows, plain = [], urllib.request.build_opener()
    for name, account, path in PAGES:
        opener = sign_in(portal, account)
        pairs = [(once(opener, portal + path), once(plain, floor)) for _ in range(ROUNDS + WARM)]
        pages, floors = zip(*pairs[WARM:], strict=True)
        p50, p95 = statistics.median(pages), sorted(pages)[int(len(pages) * 0.95)]
        rows.append((name, p50, p95, p50 / statistics.median(floors)))
    return rows


def bench(database_url: str, floor_url: str, folder: Path) -> bool:
    env = os.environ | {"DEMO": "1", "PORTAL_DATA": str(folder), "DATABASE_URL": database_url}
    env |= {"FLOOR_DATABASE_URL": floor_url, "PYTHONPATH": str(Path.cwd())}
    for verb in ("migrate", "seed-demo"):
        subprocess.run([str(BIN / "portal"), verb], env=env, check=True, capture_output=True)
    with served("wsgi:app", env) as portal, served("bench.floor:make_app()", env) as floor:
        rows = measure(portal, floor)
    say(f"{'page':18}{'p50 ms':>9}{'p95 ms':>9}{'× floor':>9}")
    for name, p50, p95, ratio in rows:
        say(f"{name:18}{p50:9.1f}{p95:9.1f}{ratio:9.1f}{'' if ratio <= LIMIT else '  over'}")
    return all(ratio <= LIMIT for *_rest, ratio in rows)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


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
