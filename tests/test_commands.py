"""The `portal` command, as an operator uses it: in a process of its own."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from portal.core import migrations
from tests import commands
from tests.legislation.records import openstates

ROOT = Path(__file__).parents[1]
FOUNDING = (
    "--name", "Call Forum", "--zone", "Asia/Manila", "--currency", "PHP", "--country", "PH",
    "--series", "CF", "--email", "ana@forum.example",
)  # fmt: skip

A_REPORT = b"""From: MAILER-DAEMON@mx.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ana@forum.example
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <none-of-ours@portal.example.org>

--b--
"""
INTRODUCED = ("2026-02-02", "lower", "Introduced", "introduction")
ASKED = {
    "tariff": {
        "code": "2026", "currency": "EUR", "effective_from": "2026-01-01",
        "period": {"kind": "fixed", "start": "01-01"}, "proration": "days", "tax_percent": "21",
        "rules": [
            {"kind": "bands", "classes": ["provider_front"], "metric": "contact_centre_fte",
             "rounding": "half_up",
             "bands": [[1, 25, 120900], [26, 50, 181600], [51, None, 241800]]},
            {"kind": "seats", "classes": "*", "included": 5, "price": 9500},
        ],
    },
    "cases": [
        {"id": "c1", "class": "provider_front", "metrics": {"contact_centre_fte": 60},
         "joined_on": "2026-08-17", "seats": 8},
        {"id": "c2", "class": "provider_front", "metrics": {}, "joined_on": "2026-08-17"},
    ],
}  # fmt: skip


class Portal:
    """A folder, settings, and the words that the command answers."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = {
            "PATH": os.environ["PATH"], "PORTAL_DATA": str(folder), "SECRET_KEY": "k" * 32,
            "SITE_URL": "https://portal.example.org", "SMTP_URL": "smtp://127.0.0.1:9",
            "PROXIES": "1",
        }  # fmt: skip

    def run(self, *words, code=0, **settings):
        left, out, err = commands.run([*map(str, words)], self.settings | settings)
        said = out + err
        assert left == code, said
        assert "Traceback" not in said
        return said if code else out

    def tamper(self, *statements):
        engine = create_engine(f"sqlite:///{self.folder / 'portal.db'}")
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def portal(tmp_path):
    return Portal(tmp_path / "data")


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    made = Portal(tmp_path_factory.mktemp("founded"))
    made.said = made.run("init", *FOUNDING)
    return made


def test_init_founds_the_association_and_invites_its_first_administrator(founded):
    assert "Call Forum is founded" in founded.said
    assert "https://portal.example.org/invitation/" in founded.said


def test_init_founds_only_once(founded):
    assert "has its association already" in founded.run("init", *FOUNDING, code=1)


def test_init_without_a_terminal_names_the_option_it_misses(portal):
    assert "--name" in portal.run("init", code=1)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [("--zone", "Manila", "is no time zone"), ("--currency", "peso", "is no currency"),
     ("--email", "ana", "is no e-mail address")],
)  # fmt: skip
def test_init_refuses_in_words_and_may_be_tried_again(portal, option, value, words):
    wrong = list(FOUNDING)
    wrong[wrong.index(option) + 1] = value
    assert words in portal.run("init", *wrong, code=1)
    assert "is founded" in portal.run("init", *FOUNDING)


def test_create_admin_invites_one_more(founded):
    assert "/invitation/" in founded.run("create-admin", "ben@forum.example")


def test_the_first_start_answers_in_json(portal):
    made = json.loads(portal.run("init", *FOUNDING, "--json"))
    assert (made["ok"], made["association"]) == (True, "Call Forum")
    assert made["administrator"] == "ana@forum.example"
    assert made["site"] == "https://portal.example.org"
    assert "@" in made["sender"]
    more = json.loads(portal.run("create-admin", "ben@forum.example", "--json"))
    assert set(more) == {"ok", "administrator", "invitation"}
    for one in (made, more):
        assert one["invitation"].startswith("https://portal.example.org/invitation/")


def test_a_founded_portal_is_well_in_every_part(founded):
    report = json.loads(founded.run("check", "--json"))
    assert report["ok"]
    assert set(report["parts"]) > {"database", "search", "storage", "jobs", "mail"}


def test_check_says_when_everybody_behind_the_proxy_counts_as_one_address(founded):
    assert "set PROXIES=1" in founded.run("check", code=1, PROXIES="0")
    assert founded.run("check", PROXIES="0", SITE_URL="http://127.0.0.1:5000")


def test_a_report_of_a_mail_that_came_back_is_taken_from_a_pipe_and_counted(founded):
    command = [sys.executable, "-m", "portal.cli", "take-bounce", "--json"]
    said = subprocess.run(
        command, env=founded.settings, cwd=ROOT, input=A_REPORT, capture_output=True, check=True
    ).stdout
    assert json.loads(said) == {"ok": True, "came_back": 0}, "none of ours has that number"


def test_check_says_in_words_which_part_is_ill(portal):
    assert "not migrated" in portal.run("check", code=1)


@pytest.mark.parametrize(
    "words",
    [("reindex",), ("check-audit",), ("verify-ledger",), ("content", "sync"),
     ("create-admin", "ana@forum.example"), ("content", "export", "there")],
)  # fmt: skip
def test_what_needs_a_database_says_so_when_there_is_none_yet(portal, words):
    assert "portal check" in portal.run(*words, code=1)


def test_practices_are_never_taken_from_a_folder_that_is_not_there(founded, tmp_path):
    words = ("content", "sync", tmp_path / "none", "--allow-archive")
    assert "There is no folder" in founded.run(*words, code=1)


def test_a_reindex_shows_a_bar_that_fills(founded):
    founded.run("content", "sync")
    watcher, terminal = pty.openpty()
    command = [sys.executable, "-m", "portal.cli", "reindex"]
    subprocess.run(
        command, env=founded.settings, cwd=ROOT, stderr=terminal, stdout=subprocess.DEVNULL,
        check=True,
    )  # fmt: skip
    os.close(terminal)
    shown = os.read(watcher, 10_000).decode()
    os.close(watcher)
    done, of = re.search(r"\[#{30}\] (\d+) of (\d+)", shown).groups()
    assert done == of


def test_migrate_goes_up_and_back(portal):
    last = migrations.head()
    assert f"is at {last}" in portal.run("migrate")
    assert f"was at {last} and is at {last}" in portal.run("migrate")
    report = json.loads(portal.run("migrate", "--json"))
    assert report == {"ok": True, "was": last, "is": last}
    assert "is at nothing" in portal.run("migrate", "--to", "base")


def test_a_quote_needs_no_portal(portal, tmp_path):
    file = tmp_path / "asked.json"
    file.write_text(json.dumps(ASKED))
    first, second = json.loads(portal.run("quote", file))["cases"]
    assert (first["id"], first["currency"]) == ("c1", "EUR")
    assert first["total"] == first["net"] + first["tax"]
    assert sum(line["net"] for line in first["lines"]) == first["net"]
    assert "not_quotable" in second


def test_a_quote_of_something_else_is_refused(portal, tmp_path):
    file = tmp_path / "asked.json"
    file.write_text("{")
    assert "cannot be read as JSON" in portal.run("quote", file, code=1)


def test_the_books_of_a_new_portal_add_up(founded):
    assert json.loads(founded.run("verify-ledger", "--json")) == {"ok": True, "faults": []}


def test_a_changed_record_is_found(portal):
    portal.run("init", *FOUNDING)
    assert "whole" in portal.run("check-audit")
    portal.tamper(
        "DROP TRIGGER audit_events_UPDATE",
        "UPDATE audit_events SET actor = 'person:9' WHERE id = 1",
    )
    assert "Row 1" in portal.run("check-audit", code=1)


def test_a_backup_restores_into_a_new_portal_and_not_twice(founded, portal, tmp_path):
    archive = tmp_path / "all.tar.gz"
    assert "each with its checksum" in founded.run("backup", archive)
    nowhere = tmp_path / "erased.jsonl"
    assert "no list of erasures" in portal.run("restore", archive, "--erased", nowhere, code=1)
    nowhere.write_text("")
    done = portal.run("restore", archive, "--erased", nowhere)
    assert "rows restored" in done
    assert "0 people who were erased after the backup are erased again" in done
    assert "has its association already" in portal.run("init", *FOUNDING, code=1)
    assert "not empty" in portal.run("restore", archive, code=1)


def test_a_backup_and_a_restore_say_in_json_what_they_did(founded, portal, tmp_path):
    archive = tmp_path / "all.tar.gz"
    report = json.loads(founded.run("backup", archive, "--json"))
    assert report == {"ok": True, "file": str(archive), "members": report["members"]}
    done = json.loads(portal.run("restore", archive, "--json"))
    assert done == {"ok": True, "rows": done["rows"], "erased_again": None}
    assert min(report["members"], done["rows"]) > 0


def test_a_damaged_backup_makes_nothing(portal, tmp_path):
    archive = tmp_path / "all.tar.gz"
    archive.write_bytes(b"no backup")
    assert "damaged" in portal.run("restore", archive, code=1)
    assert not (portal.folder / "portal.db").exists()


def test_the_library_is_taken_over_and_found(portal):
    portal.run("init", *FOUNDING)
    assert json.loads(portal.run("content", "sync", "--json"))["ok"]
    found = json.loads(portal.run("search", "price", "--json"))
    assert found
    made = json.loads(portal.run("reindex", "--json"))
    said = re.search(
        r"holds (\d+) documents, the database (\d+)", portal.run("reindex", "--verify")
    )
    assert int(said[1]) == int(said[2]) == made["index"] > 0
    compared = json.loads(portal.run("reindex", "--verify", "--json"))
    assert compared == {"ok": True, "index": made["index"], "database": made["index"]}
    written = json.loads(portal.run("content", "export", portal.folder / "out", "--json"))
    assert written["practices"] == len([*(portal.folder / "out").rglob("*.md")]) > 0
    assert "Nobody here" in portal.run("search", "price", "--as", "no@body.example", code=1)


def test_bills_are_taken_in_and_given_out_again(founded, tmp_path):
    folder = tmp_path / "bills" / "deep"
    folder.mkdir(parents=True)
    (folder / "HB12.json").write_text(json.dumps(openstates(actions=(INTRODUCED,))))
    assert "1 created" in founded.run("import-bills", "openstates", tmp_path, "--dry-run")
    assert "1 created, 0 changed" in founded.run("import-bills", "openstates", tmp_path)
    again = json.loads(founded.run("import-bills", "openstates", folder, "--json"))
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 1)
    out = tmp_path / "bills.jsonl"
    written = json.loads(founded.run("export-bills", out, "--as-of", "2026-02-20", "--json"))
    assert written == {"ok": True, "bills": 1}
    (line,) = map(json.loads, out.read_text().splitlines())
    assert (line["jurisdiction"], line["identifier"], line["stage"]) == (
        "us-wy", "HB 12", "introduced",
    )  # fmt: skip


def test_a_file_of_bills_that_cannot_be_read_is_named_and_exit_1(founded, tmp_path):
    (tmp_path / "half.json").write_text("{")
    (tmp_path / "whole.json").write_text(json.dumps(openstates("HB 13")))
    said = founded.run("import-bills", "openstates", tmp_path, code=1)
    assert "1 failed" in said
    assert "half.json: The file is not whole JSON" in said
    assert "There is no" in founded.run("import-bills", "openstates", tmp_path / "no", code=1)


def test_a_list_is_taken_in_by_a_mapping_of_ones_own(founded, tmp_path):
    (tmp_path / "list.csv").write_text("No,Name\nB7,Rest Act\n")
    assert "No mapping knows" in founded.run("import-bills", "csv", tmp_path, code=1)
    mapping = {
        "place": "za", "licence": "made by hand", "columns": ["No", "Name"], "title": "Name",
        "session": {"value": "2026"},
        "numbers": [{"column": "No", "pattern": "(.+)", "as": "{0}"}],
        "rules": [{"column": "No", "begins": "B", "stage": "introduced", "rule": "za.bill"}],
    }  # fmt: skip
    (tmp_path / "za.json").write_text(json.dumps(mapping))
    given = ("import-bills", "csv", tmp_path, "--mapping", tmp_path / "za.json")
    assert "1 created" in founded.run(*given)
    assert "1 unchanged" in founded.run(*given)


def test_wrong_use_is_exit_2(portal):
    assert "usage: portal" in portal.run(code=2)
    assert "invalid choice" in portal.run("fly", code=2)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY needs 32 characters"),
        ({"SITE_URL": "portal"}, "SITE_URL must be like"),
        ({"STRIPE_KEY": "sk_live_x", "STRIPE_URL": "http://127.0.0.1:9",
          "STRIPE_WEBHOOK_SECRET": "whsec_x"}, "is a live key"),
        ({"PORTAL_NOW": "2026-11-22T09:00:00Z"}, "only the demo and tests"),
        ({"PORT": "many"}, "PORT must be a whole number"),
        ({"PROXIES": "one"}, "PROXIES must be a whole number"),
        ({"PROXIES": "1000"}, "PROXIES must be the number of reverse proxies in front"),
        ({"SEARCH_ENGINE": "other"}, "SEARCH_ENGINE must be whoosh or postgres"),
    ],
)  # fmt: skip
def test_an_absurd_setting_is_named(portal, setting, words):
    assert words in portal.run("migrate", code=1, **setting)


def test_demo_data_stay_out_of_a_real_portal(founded):
    assert "only for a demo" in founded.run("seed-demo", code=1)
