"""A simulated year, cut short: the days pass, faults strike, books and mails still agree."""

import json
import os
import subprocess

import pytest

from tests.running import PORTAL

BEGINS = {"PORTAL_NOW": "2026-11-22T09:00:00+00:00"}  # what comes to pass depends on the day


@pytest.mark.slow
def test_a_fortnight_with_faults_ends_with_books_that_add_up(tmp_path):
    page = tmp_path / "year.html"
    words = ["simulate-year", "--days", "14", "--seed", "7", "--report", str(page), "--json"]
    done = subprocess.run(
        [PORTAL, *words], env=os.environ | BEGINS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout[done.stdout.index("{") :])
    assert told["ok"] is True
    assert told["faults"] == []
    assert told["mails"] > 10
    assert sum(told["acts"].values()) > 10
    assert {"paid by card", "statement imported", "partly credited"} <= told["acts"].keys()
    html = page.read_text(encoding="utf-8")
    assert "The books add up" in html
    assert html.count("<svg") == 7


def test_a_year_of_no_days_is_refused():
    done = subprocess.run(
        [PORTAL, "simulate-year", "--days", "0"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "Give 1 to 3660 days.\n")
