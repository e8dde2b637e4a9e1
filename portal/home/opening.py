"""Which search a reader came from to something that it had found, as their browser says it."""

from urllib.parse import parse_qs, urlsplit

from flask import Request, Response, request

from portal.core.search import index
from portal.home.searches import EVERYTHING, LIBRARY

# Where the results of a search lead; a person's page leads on to their list.
FOUND = {
    "library.show", "events.show", "legislation.show", "members.directory", "members.person",
}  # fmt: skip
SHOWN = {200, 302}


def note(response: Response) -> Response:
    """After each answer: who it was is not asked, a reload counts again."""
    if request.endpoint in FOUND and request.method == "GET" and response.status_code in SHOWN:
        text = text_before(request)
        if text:
            index.opened(text)
    return response


def text_before(asked: Request) -> str:
    """What was searched for on the page before, when that was a search of ours."""
    try:
        before = urlsplit(asked.headers.get("Referer", ""))
    except ValueError:
        return ""
    if before.netloc != asked.host or before.path not in {LIBRARY, EVERYTHING}:
        return ""
    return parse_qs(before.query).get("q", [""])[0].strip()[:300]
