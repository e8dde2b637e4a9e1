"""Private feeds: what a search finds, newest first, by an address that only its reader has."""

from dataclasses import replace
from typing import Any

from flask import Response, abort, jsonify, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from portal.association.queries import association
from portal.core.access import public, signed_in
from portal.core.db import db
from portal.core.links import link
from portal.core.search import index
from portal.core.web import see_other
from portal.home import queries, searches
from portal.home.finding import audiences
from portal.home.views.pages import blueprint
from portal.library.taxonomy import facets
from portal.notices import feeds

IN_FEED = 30


@blueprint.route("/account/feeds", methods=["GET", "POST"])
@signed_in
def my_feeds() -> str | AnyResponse:
    form, person_id = FlaskForm(), current_user.id
    if form.validate_on_submit():
        stops = "stop" in request.form
        change = feeds.revoke if stops else feeds.renew
        change(person_id)
        db.session.commit()
        words = "Every address of yours is dead." if stops else "These addresses are yours."
        return see_other(url_for(".my_feeds"), words)
    key = feeds.key_of(person_id)
    return render_template(
        "home/feeds.html", form=form, key=key, token=feeds.token_of(key) if key else "",
        saved=queries.searches_of(person_id), themes=facets()["theme"], kinds=facets()["kind"],
        asked=searches.plain_address(request.args.get("address", "")),
        words_of=searches.words_of,
    )  # fmt: skip


@blueprint.get("/feeds/<string:token>/atom")
@public
def private_atom(token: str) -> Response:
    made = render_template("home/feed.xml", **found(token))
    return private(Response(made, content_type="application/atom+xml; charset=utf-8"))


@blueprint.get("/feeds/<string:token>/json")
@public
def private_json(token: str) -> Response:
    """As jsonfeed.org, version 1.1, says it."""
    feed = found(token)
    items = [
        {
            "id": feed["page_of"](hit), "url": feed["page_of"](hit), "title": hit.title,
            "summary": hit.summary, "content_text": hit.summary,
            "date_modified": f"{hit.date or '1970-01-01'}T00:00:00Z",
        }
        for hit in feed["hits"]
    ]  # fmt: skip
    made = jsonify(
        version="https://jsonfeed.org/version/1.1", title=feed["title"], items=items,
        home_page_url=feed["page"], feed_url=feed["own"],
    )  # fmt: skip
    made.content_type = "application/feed+json"
    return private(made)


def found(token: str) -> dict[str, Any]:
    """What the search at `address` finds for whoever holds the token, newest first."""
    reader = feeds.reader_of(token) or abort(404)
    address = searches.plain_address(request.args.get("address", "")) or abort(404)
    asked = searches.query_of(address, audiences(reader))
    asked = replace(asked, page_size=IN_FEED, page=1, sort="newest")
    site = link("home.index").rstrip("/")
    return {
        "hits": index.found(asked).hits, "page": f"{site}{address}",
        "own": link(str(request.endpoint), token=token, address=address),
        "page_of": lambda hit: f"{site}{hit.url}",
        "title": f"{association().name}: {searches.words_of(address)}",
    }  # fmt: skip


def private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
