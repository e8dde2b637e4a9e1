"""What every page shares: finding rows, paging, safe redirects, error pages."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy import Select, func, select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import (
    Conflict,
    HTTPException,
    InternalServerError,
    ServiceUnavailable,
)

from portal.core import filters, headers
from portal.core.access import login
from portal.core.clock import is_reckoned
from portal.core.config import Settings
from portal.core.db import Model, db
from portal.core.forms import PageForm
from portal.core.search import Unavailable
from portal.core.states import Refused
from portal.core.stripe_gateway import StripeAway

PAGE_SIZE = 25
SHORT = 80  # characters of an argument that is worth remembering
LARGEST_KEY = 2**31 - 1
Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")

csrf = CSRFProtect()
# What the frame of every page asks of the database: each puts in what to say without it.
without_database: list[Callable[[], None]] = []


@dataclass(frozen=True)
class Page(Generic[Item]):
    items: list[Item]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    def url(self, number: int) -> str:
        """The same list, with the same filters, at another page."""
        return with_argument("page", str(number))


def with_argument(name: str, value: str | None) -> str:
    """The query string of this request with one argument set, or taken out when None."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] not in {name, "page"}]
    pairs = [*kept, (name, value)] if value is not None else kept
    return "?" + "&".join(
        _written(*pair) if len(pair[0] + pair[1]) <= SHORT else urlencode([pair]) for pair in pairs
    )


@lru_cache(maxsize=5_000)
def _written(name: str, value: str) -> str:
    return urlencode([(name, value)])


def page_number() -> int:
    """The page that is asked for; the first when it is asked for badly."""
    return min(max(1, request.args.get("page", 1, type=int)), 1_000_000)


def day_asked(name: str) -> date | None:
    """The day in the address; None when there is none, or none that anybody reckons with."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if is_reckoned(found) else None


def row_number(name: str) -> int:
    """The number of a row that was sent; 0, which no row has, for anything else."""
    found = request.values.get(name, 0, type=int)
    return found if 0 < found <= LARGEST_KEY else 0


def paginate(query: Select[Any], size: int = PAGE_SIZE, total: int | None = None) -> Page[Any]:
    """The page of `query` that the request asks for: two statements, whatever the size.

    One where the caller knows how many rows there are.
    """
    number = page_number()
    if total is None:
        counted = select(func.count()).select_from(query.order_by(None).subquery())
        total = db.session.scalar(counted) or 0
    rows = db.session.scalars(query.limit(size).offset((number - 1) * size))
    return Page(list(rows.unique()), number, total, size)


def find(kind: type[Row], **facts: object) -> Row:
    """The row of which all these facts are true, or the 404 page."""
    if any(isinstance(fact, int) and abs(fact) > LARGEST_KEY for fact in facts.values()):
        abort(404)  # a database would stumble over it
    return db.session.scalar(select(kind).filter_by(**facts)) or abort(404)


def tried(
    form: PageForm, act: Callable[[], ResponseReturnValue]
) -> ResponseReturnValue | None:  # fmt: skip
    """What the action answers; None when it was refused, which the form then says."""
    try:
        return act()
    except Refused as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return None


def safe_next(default: str, asked: str | None = None) -> str:
    """Where the visitor was going, rebuilt so that it cannot leave this site."""
    text = request.values.get("next", "") if asked is None else asked
    if any(ord(letter) < 33 or letter == "\\" for letter in text):
        return default
    try:
        there = urlsplit(text)
    except ValueError:
        return default
    if there.scheme or there.netloc or not text.startswith("/") or text.startswith("//"):
        return default
    return f"/{there.path.lstrip('/')}?{there.query}".removesuffix("?")


def see_other(url: str, message: str = "", kind: str = "message") -> Response:
    """Redirect with 303 after a POST, with a sentence for the next page."""
    if message:
        flash(message, kind)
    return redirect(url, code=303)  # type: ignore[return-value]


def show_error(error: HTTPException) -> Response | tuple[str, int]:
    if isinstance(error, CSRFError):
        error.description = (
            "This page was open for too long, or was not sent from here. Send it again."
        )
    if isinstance(error, InternalServerError):
        db.session.rollback()  # nothing stays half done, and the frame of the page can be filled
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    try:
        return render_template("error.html", error=error), error.code or 500
    except OperationalError as trouble:  # the frame of the page could not be filled
        return show_database_trouble(trouble)


def show_refusal(error: Refused) -> Response | tuple[str, int]:
    db.session.rollback()
    away = isinstance(error, StripeAway | Unavailable)
    return show_error(ServiceUnavailable(str(error)) if away else Conflict(str(error)))


def show_database_trouble(error: OperationalError) -> Response | tuple[str, int]:
    """The page says so without asking the database who reads it, or whose portal it is."""
    current_app.logger.error("the database did not answer: %r", error)
    db.session.rollback()
    g._login_user = login.anonymous_user()
    for stand_in in without_database:
        stand_in()
    return show_error(ServiceUnavailable())


class WithoutSecrets(logging.Filter):
    """What failed behind a secret link is written down without the secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        secret = (request.view_args or {}).get("token") if has_request_context() else None
        if secret:
            record.msg = str(record.msg).replace(secret, "…")
        return True


def refuse_nul() -> None:
    """Nobody types the letter NUL, and PostgreSQL keeps no text that has it."""
    sent = [*request.args.items(multi=True), *request.form.items(multi=True)]
    if any("\0" in text for pair in sent for text in pair):
        abort(400)


def refuse_impossible_addresses() -> None:
    """No row has such a number, or such a letter, in its address; a database would stumble."""
    for value in (request.view_args or {}).values():
        if "\0" in str(value) or (isinstance(value, int) and value > LARGEST_KEY):
            abort(404)


def init_app(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings
    app.logger.addFilter(WithoutSecrets())
    app.before_request(refuse_impossible_addresses)
    app.before_request(refuse_nul)
    csrf.init_app(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["with_argument"] = with_argument
    app.jinja_env.globals["site_url"] = settings.site_url
    filters.init_app(app)
    headers.init_app(app, settings)
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(Refused, show_refusal)
    app.register_error_handler(OperationalError, show_database_trouble)
