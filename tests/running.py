"""The whole demo as a person starts it: migrated, seeded, served; in a folder of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from portal.demo.running import free_port, helper_ports, is_open

ROOT = Path(__file__).parents[1]
PORTAL = str(Path(sys.executable).with_name("portal"))
PASSWORD = "demo-association"


class Demo:
    """A running demo: its address, its mail, its commands."""

    def __init__(self, url, env, process):
        self.url, self.env, self.process = url, env, process
        self.walked = {}  # which way each journey was walked first: the next finds what it left

    def mails(self, to=""):
        with urllib.request.urlopen(f"{self.url}/mailbox.json", timeout=60) as answer:
            return [one for one in json.load(answer) if to in one["to"]]

    def wait_for_mail(self, to, words, after=0, seconds=60):
        """The newest mail to somebody whose subject holds these words, when more than `after`."""
        for _ in range(seconds * 5):
            found = [one for one in self.mails(to) if words.lower() in one["subject"].lower()]
            if len(found) > after:
                return found[0]
            time.sleep(0.2)
        raise AssertionError(f"no mail to {to} about {words}: {self.mails(to)[:3]}")

    def wait_for_link(self, to, part, seconds=60):
        """The newest link of this kind that somebody was mailed, once the worker got there."""
        for _ in range(seconds * 5):
            links = (link for mail in self.mails(to) for link in mail["links"] if part in link)
            if found := next(links, ""):
                return found
            time.sleep(0.2)
        raise AssertionError(f"no mail to {to} with {part}: {self.mails(to)[:3]}")

    def at_stripe(self, kind):
        """What the sandbox holds of a kind, the newest last."""
        port, _mail = helper_ports(int(self.env["PORT"]))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_state", timeout=60) as answer:
            return json.load(answer).get(kind, [])

    def run(self, *words):
        return self._run(PORTAL, *words)

    def live_on(self, invoice_id, days):
        """Let so many days pass for an invoice that is charged to a kept card."""
        return self._run(sys.executable, "-m", "tests.journeys.later", invoice_id, str(days))

    def look_at_searches(self, email, *days):
        """Let days pass, "0,2", for saved searches; after each what was mailed to somebody."""
        lines = self._run(sys.executable, "-m", "tests.journeys.alerts", email, *days)
        return [json.loads(line) for line in lines.splitlines()]

    def _run(self, *command):
        done = subprocess.run(
            command, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def running_demo(folder, database_url=""):
    """What lies in `folder`, served as `make run` serves it."""
    port = free_port()
    env = os.environ | {"DEMO": "1", "PORTAL_DATA": str(folder), "PORT": str(port)}
    env |= {"SITE_URL": f"http://127.0.0.1:{port}", "DATABASE_URL": database_url}
    command = [PORTAL, "run-demo", "--port", str(port), "--data", str(folder)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        wait_until_it_answers(process, f"http://127.0.0.1:{port}/health")
        wait_until_they_listen(process, *helper_ports(port))
        yield Demo(f"http://127.0.0.1:{port}", env, process)
    finally:
        process.terminate()
        process.wait(60)


def wait_until_it_answers(process, url, seconds=300):
    def answers():
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except OSError:
            return False

    _wait(process, answers, seconds, f"{url} did not answer")


def wait_until_they_listen(process, *ports, seconds=240):
    _wait(process, lambda: all(map(is_open, ports)), seconds, f"nothing on one of {ports}")


def _wait(process, is_so, seconds, words):
    until = time.monotonic() + seconds
    while not is_so():
        assert process.poll() is None, f"{words}: it ended with {process.returncode}"
        assert time.monotonic() < until, words
        time.sleep(0.1)
