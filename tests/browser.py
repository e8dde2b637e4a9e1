"""A test client that sends forms as people do and inspects every page it is given."""

from contextvars import Context
from html.parser import HTMLParser

from portal.accounts.actions import start_session
from portal.core.db import db
from tests.make import make_person


class PageCheck(HTMLParser):
    """What every page owes its reader: one <h1> that begins the title, labels, unique ids."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.ids, self.fields, self.labelled = {"title": [], "h1": []}, [], [], []
        self.token, self._open, self._label_depth, self._svg = None, None, 0, 0
        self.feed(html)
        titles, headings = self.texts["title"], self.texts["h1"]
        assert len(headings) == 1, f"{len(headings)} <h1>"
        title = " ".join(titles[0].split()).removeprefix("Error: ")
        assert title.startswith(" ".join(headings[0].split())), f"{titles[0]!r} / {headings[0]!r}"
        assert len(self.ids) == len(set(self.ids)), f"duplicate ids: {self.ids}"
        assert set(self.fields) <= set(self.labelled), f"unlabelled: {self.fields}"

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        self.ids += [has["id"]] if "id" in has else []
        assert not any(name.startswith("on") or name == "style" for name in has), has
        self._svg += tag == "svg"
        if tag in self.texts and not self._svg:
            self._open = tag
            self.texts[tag].append("")
        if tag == "label":
            self._label_depth += 1
            self.labelled.append(has.get("for"))
        named = has.get("aria-label") or has.get("aria-labelledby")
        if tag in {"input", "select", "textarea"} and has.get("type") != "hidden" and not named:
            self.fields += [] if self._label_depth else [has.get("id")]
        if has.get("name") == "csrf_token":
            self.token = has["value"]

    def handle_data(self, data):
        if self._open:
            self.texts[self._open][-1] += data

    def handle_endtag(self, tag):
        self._open = None if tag == self._open else self._open
        self._label_depth -= tag == "label"
        self._svg -= tag == "svg"


class Browser:
    def __init__(self, client):
        self.client, self.token = client, None

    def sign_in(self, person=None):
        """Become `person` (a new one without firm or role when none is given)."""
        person = person or make_person()
        token = start_session(person, stays=False, address="127.0.0.1", browser="test")
        db.session.commit()
        with self.client.session_transaction() as session:
            session.clear()
            session["_user_id"], session["_fresh"] = token, True
        return person

    def get(self, url, status=200):
        response = self.send("GET", url)
        assert response.status_code == status, (url, response.status_code, response.location)
        if response.mimetype == "text/html" and not response.location:
            self.token = PageCheck(response.text).token
        return response.text if response.mimetype.startswith("text/") else response.data

    def post(self, url, status=303, page=None, **data):
        """Open the page that holds the form, fill it in, send it: CSRF token and all."""
        self.get(page or url)
        response = self.send("POST", url, data=data | {"csrf_token": self.token})
        assert response.status_code == status, (response.status_code, response.text[:3000])
        if response.mimetype == "text/html" and not response.location:
            PageCheck(response.text)
        return response

    def send(self, method, url, **kwargs):
        # In an empty context: Flask 3.1 would otherwise reuse the test's app context, on
        # which Flask-Login keeps the signed-in user.
        db.session.rollback()
        response = Context().run(self.client.open, url, method=method, **kwargs)
        response.get_data()
        response.close()  # a static file is open until then
        db.session.expire_all()
        return response
