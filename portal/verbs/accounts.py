"""`init` and `create-admin`: a real association's first start."""

import argparse
import sys
from typing import Any

from portal.accounts.actions import create_person, grant, invite
from portal.association.actions import found
from portal.association.models import Association
from portal.core import jobs, migrations
from portal.core.access import Role
from portal.core.clock import ZONES
from portal.core.db import db
from portal.core.money import CURRENCIES
from portal.core.search import index
from portal.core.states import Refused
from portal.places.actions import load_places
from portal.verbs.content import PLACES
from portal.verbs.saying import bar, say

QUESTIONS = (
    ("name", "Name of the association", ""),
    ("zone", "Time zone, like Europe/Amsterdam", "UTC"),
    ("currency", "Currency of its dues, like EUR", "EUR"),
    ("country", "Country it is registered in, two letters", "NL"),
    ("series", "Letters before invoice numbers, like INV", "INV"),
    ("email", "E-mail of the first administrator", ""),
)


def add_to(verbs: Any) -> None:
    one = verbs.add_parser("init", help="a real association's first start, without demo data")
    for name, words, _ in QUESTIONS:
        one.add_argument(f"--{name}", help=words)
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=init)
    one = verbs.add_parser("create-admin", help="invite an administrator by mail")
    one.add_argument("email")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=create_admin)


def init(asked: argparse.Namespace) -> dict[str, object]:
    migrations.upgrade()
    if db.session.get(Association, 1):
        raise Refused("This portal has its association already; change it under Staff desk.")
    facts = {name: _answer(asked, name, words, default) for name, words, default in QUESTIONS}
    if facts["zone"] not in ZONES:
        raise Refused(f"{facts['zone']} is no time zone: give one like Europe/Amsterdam.")
    if facts["currency"] not in CURRENCIES:
        raise Refused(f"{facts['currency']} is no currency: give three letters, like EUR.")
    found(
        name=facts["name"], zone=facts["zone"], currency=facts["currency"],
        country=facts["country"].upper(), invoice_series=facts["series"].upper(),
    )  # fmt: skip
    load_places(PLACES)
    made, told = _make_admin(facts["email"], is_silent=asked.json), asked.settings
    index.rebuild(lambda done, of: bar("search index", done, of))
    if not asked.json:
        say(f"Links begin with {told.site_url} (SITE_URL), mail comes from {told.mail_from}.")
        say(f"{facts['name']} is founded. Next: portal serve, portal worker, and sign in.")
    return {
        **made, "association": facts["name"], "site": told.site_url, "sender": told.mail_from,
    }  # fmt: skip


def _answer(asked: argparse.Namespace, name: str, words: str, default: str) -> str:
    given = getattr(asked, name)
    if given is None and sys.stdin.isatty():
        given = input(f"{words}{f' [{default}]' if default else ''}: ").strip()
    if not (given or default):
        raise Refused(f"{words}: give it with --{name}.")
    return given or default


def create_admin(asked: argparse.Namespace) -> dict[str, object]:
    return _make_admin(asked.email, is_silent=asked.json)


def _make_admin(email: str, *, is_silent: bool) -> dict[str, object]:
    if "@" not in email:
        raise Refused(f"{email} is no e-mail address.")
    person = create_person(email, display_name=email.partition("@")[0])
    grant(person, Role.ADMIN)
    address = invite(person, payload={}, why="You were made an administrator of the portal.")
    db.session.commit()
    jobs.work()
    if not is_silent:
        say(f"{email} is an administrator and was sent an invitation.")
        say("Its address, should mail fail:")
        say(address)
    return {"ok": True, "administrator": email, "invitation": address}
