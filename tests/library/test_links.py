"""Links of practices: asked of a real server, listed, told once, and never inside a network."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from portal.association.models import Association
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.mail import OutgoingMail
from portal.library import links
from portal.library.jobs import look_at_links
from portal.library.models import PracticeLink, PracticeStatus
from portal.library.probing import MOST_MOVES, Answer, is_public, probe
from tests.make import make_person
from tests.people import make_practice

DESK = "/staff/library/links"
GONE = Answer(works=False, words="404 Not Found")


class Site(BaseHTTPRequestHandler):
    """Answers as its paths say; `asked` keeps what came, `open_now` how many at a time."""

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        self.server.asked.append(f"{self.command} {self.path}")
        word = self.path.strip("/").partition("/")[0]
        if self.path == "/hangs-up" or (self.path == "/get-only" and self.command == "HEAD"):
            self.close_connection = True
            return
        if self.path == "/silent":
            self.server.over.wait(30)
            return
        status = {"head-refused": 405 if self.command == "HEAD" else 200, "round": 302,
                  "inward": 302, "moved": 301}.get(word)  # fmt: skip
        self.send_response(status or (int(word) if word.isdecimal() else 200))
        goes = {"round": "/round", "moved": "/200", "inward": self.server.inward}.get(word)
        if goes:
            self.send_header("Location", goes)
        self.end_headers()

    def log_message(self, *_args):
        """Nothing: the tests read `asked`."""


@contextmanager
def serving():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked, server.over, server.inward = [], threading.Event(), "http://[::1]:9/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site():
    with serving() as server:
        yield server


def here(site, path):
    return f"http://127.0.0.1:{site.server_port}{path}"


def only_here(address):
    return address == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "works", "words", "asked"),
    [
        ("/200", True, "200 OK", ["HEAD /200"]),
        ("/404", False, "404 Not Found", ["HEAD /404", "GET /404"]),
        ("/503", False, "503 Service Unavailable", ["HEAD /503", "GET /503"]),
        ("/403", True, "403 Forbidden", ["HEAD /403", "GET /403"]),
        ("/799", False, "799", ["HEAD /799", "GET /799"]),
        ("/head-refused", True, "200 OK", ["HEAD /head-refused", "GET /head-refused"]),
        ("/get-only", True, "200 OK", ["HEAD /get-only", "GET /get-only"]),
        ("/hangs-up", False, "hangs up without an answer", ["HEAD /hangs-up", "GET /hangs-up"]),
        ("/moved", True, "200 OK", ["HEAD /moved", "HEAD /200"]),
        ("/round", False, "sends on more than 4 times", ["HEAD /round"] * (MOST_MOVES + 1)),
        ("/200/a b?q=é", True, "200 OK", ["HEAD /200/a%20b?q=%C3%A9"]),
    ],
)
def test_what_a_server_answers_is_said_in_words(site, path, works, words, asked):
    assert probe(here(site, path), only_here) == Answer(works, words)
    assert site.asked == asked


def test_a_move_to_a_machine_that_may_not_be_reached_is_not_followed(site):
    inward = probe(here(site, "/inward"), only_here)
    assert inward.words == "leads to a machine that is not on the public internet"
    assert not inward.works
    site.inward = "http://["
    assert probe(here(site, "/inward"), only_here).words == "sends on to what is no address"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]
)
def test_no_name_of_this_machine_is_asked(site, host):
    answer = probe(f"http://{host}:{site.server_port}/200")
    assert not answer.works
    assert answer.words in {
        "leads to a machine that is not on the public internet", "there is no such host",
    }  # fmt: skip
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.3.4", "192.168.1.1", "127.0.0.2", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%lo", "fd00::1",
     "ff02::1", "::ffff:10.0.0.1", "2002:a00:1::", "2001:0:a00:1::1", "64:ff9b::a00:1"],
)  # fmt: skip
def test_addresses_inside_a_network_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "http://", "file:///etc/passwd", "http://x:notaport/", "http://[",
            "http://" + "a" * 70 + ".example/"]
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_not_asked(url):
    assert probe(url, lambda _address: True).words == "is no address of the web"


def test_a_closed_port_and_a_server_without_tls_are_said_apart(site):
    secure = here(site, "/200").replace("http:", "https:")
    assert probe(secure, only_here).words == "has no valid certificate"
    with serving() as other:
        closed = f"http://127.0.0.1:{other.server_port}/"
    assert probe(closed, only_here).words == "could not be connected to"


BODY = """A [guide](https://example.org/guide#part) and [again](https://example.org/guide),
<https://example.net/a?b=1&c=2>, [here](/library/x), `https://example.org/code`,
<mailto:a@b.example>.
"""


def test_links_are_those_of_the_text_and_of_its_sources():
    front = {"sources": [{"url": "https://example.com/law"}, {"title": "A book"}, {"url": "x"}]}
    assert links.links_of(front, BODY) == [
        "https://example.org/guide", "https://example.net/a?b=1&c=2", "https://example.com/law",
    ]  # fmt: skip


def linking(*urls, slug="links", **facts):
    sources = [{"title": "One", "url": url} for url in urls]
    made = make_practice(slug, sources=sources, **facts)
    made.body = "Words."
    db.session.commit()
    return made


def look(answers):
    """The work of the job, with these answers for those addresses."""
    links.list_anew()
    db.session.commit()
    for number, url in links.due(clock.now()):
        links.note(number, answers(url))
    for practice, broken in links.untold():
        links.tell(practice, broken)
    db.session.commit()


def mails():
    return db.session.scalars(
        select(OutgoingMail).filter_by(template="library/links_broken")
    ).all()


def test_the_owner_hears_once_of_all_that_broke_at_once(site, at):
    at(2026, 3, 1)
    ada = make_person(Role.EDITOR, email="ada@test.example")
    make_person(Role.EDITOR)
    linking(here(site, "/404"), here(site, "/503"), here(site, "/200"), owner="ada")
    ask = partial(probe, may_reach=only_here)
    look(ask)
    (sent,) = mails()
    assert sent.recipient == ada.email
    assert "/404: 404 Not Found" in sent.text
    assert "/503: 503" in sent.text
    assert "/200" not in sent.text
    asked = len(site.asked)
    look(ask)
    assert len(site.asked) == asked
    at(2026, 3, 8)
    look(ask)
    assert len(site.asked) == asked + 4
    assert len(mails()) == 1


def test_what_works_again_and_breaks_again_is_told_again(at):
    make_person(Role.EDITOR, email="ada@test.example")
    linking("https://example.org/a", owner="ada")
    for month, answer in enumerate((GONE, Answer(works=True, words="200 OK"), GONE), 3):
        at(2026, month, month)
        look(lambda _url, answer=answer: answer)
    assert len(mails()) == 2


def test_links_of_no_published_text_are_neither_listed_nor_kept():
    practice = linking("https://example.org/a", "https://example.org/b")
    look(lambda _url: GONE)
    practice.front = {**practice.front, "sources": [{"url": "https://example.org/b"}]}
    links.list_anew()
    db.session.commit()
    assert [one.url for one in db.session.scalars(links.broken())] == ["https://example.org/b"]
    practice.status = PracticeStatus.ARCHIVED
    db.session.commit()
    assert db.session.scalars(links.broken()).all() == []
    links.list_anew()
    assert db.session.scalars(select(PracticeLink)).all() == []


def switch(*, on):
    db.session.get(Association, 1).checks_links = on
    db.session.commit()


def test_nothing_is_asked_until_an_administrator_turns_it_on(site, browser):
    linking(here(site, "/200"))
    look_at_links()
    assert db.session.scalars(select(PracticeLink)).all() == []
    browser.sign_in(make_person(Role.EDITOR))
    assert "switched off" in browser.get(DESK)
    switch(on=True)
    look_at_links()
    one = db.session.scalar(select(PracticeLink))
    assert one.answer == "leads to a machine that is not on the public internet"
    assert site.asked == []
    page = browser.get(DESK)
    assert "switched off" not in page
    assert one.answer in page


@pytest.mark.view
def test_an_editor_who_sees_a_link_work_takes_it_off_until_it_answers_otherwise(browser, at):
    at(2026, 3, 1)
    practice = linking("https://example.org/a")
    browser.sign_in(make_person(Role.EDITOR))
    assert "No link was looked at yet" in browser.get(DESK)
    look(lambda _url: GONE)
    page = browser.get(DESK)
    assert practice.title in page
    assert "404 Not Found" in page
    number = db.session.scalar(select(PracticeLink.id))
    for _twice in range(2):
        browser.post(f"{DESK}/{number}/works", page=DESK)
    assert "No link is broken" in browser.get(DESK)
    for month, words, shown in ((5, "404 Not Found", False), (7, "410 Gone", True)):
        at(2026, month, 1)
        browser.sign_in(make_person(Role.EDITOR))
        look(lambda _url, words=words: Answer(works=False, words=words))
        assert (practice.title in browser.get(DESK)) is shown
    browser.post(f"{DESK}/{number + 1}/works", status=404, page=DESK)


def test_the_list_asks_the_database_alike_for_few_and_many(browser, statements):
    linking("https://example.org/a")
    look(lambda _url: GONE)
    browser.sign_in(make_person(Role.EDITOR))
    browser.get(DESK)
    statements.clear()
    browser.get(DESK)
    few = len(statements)
    linking(*(f"https://example.org/{n}" for n in range(15)), slug="many")
    look(lambda _url: GONE)
    statements.clear()
    browser.get(DESK)
    assert len(statements) == few
