"""Serving the portal and the floor alike, and asking each in turn."""

import http.cookiejar
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portal.demo.running import free_port

BIN = Path(sys.executable).parent
ROUNDS, WARM = 120, 15
Page = tuple[str, str, str]  # what it is called, who asks (a demo account), its address


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


def measure(
    portal: str, floor: str, pages: Sequence[Page], rounds: int = ROUNDS
) -> list[tuple[str, float, float, float]]:
    """Of each page its name, p50 and p95 in milliseconds, and p50 in floors of the same run."""
    rows, plain = [], urllib.request.build_opener()
    for name, account, path in pages:
        opener = sign_in(portal, account)
        pairs = [(once(opener, portal + path), once(plain, floor)) for _ in range(rounds + WARM)]
        asked, floors = zip(*pairs[WARM:], strict=True)
        p50, p95 = statistics.median(asked), sorted(asked)[int(len(asked) * 0.95)]
        rows.append((name, p50, p95, p50 / statistics.median(floors)))
    return rows


def prepared(database_url: str, floor_url: str, folder: Path) -> dict[str, str]:
    """The environment of a portal with the demo association in it."""
    env = os.environ | {"DEMO": "1", "PORTAL_DATA": str(folder), "DATABASE_URL": database_url}
    env |= {"FLOOR_DATABASE_URL": floor_url, "PYTHONPATH": str(Path.cwd())}
    for verb in ("migrate", "seed-demo"):
        subprocess.run([str(BIN / "portal"), verb], env=env, check=True, capture_output=True)
    return env


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
