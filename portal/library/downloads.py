"""A practice to cite and take along: its versions, Markdown, PDF, Word; feeds of what is new."""

from typing import Any

from flask import Response, abort, jsonify, render_template, request
from flask_login import current_user

from portal.association.queries import association
from portal.core import documents, markdown
from portal.core.access import public
from portal.core.blocks import Block, blocks, said
from portal.core.docx import DOCX
from portal.core.filters import NBSP, day, is_web, iso_day
from portal.core.links import link
from portal.library import in_word, queries, withdrawing
from portal.library.models import Practice, Revision
from portal.library.resting import reply_to, rests_on
from portal.library.taxonomy import facets, label
from portal.library.views import blueprint


@blueprint.get("/<string:slug>/versions/<int:version>")
@public
def version(slug: str, version: int) -> str | tuple[str, int]:
    """What a citation points at: the text as readers had it then, or why it was withdrawn."""
    practice = whole(slug)
    revision, withdrawn = cited(practice, version), withdrawing.withdrawn(practice)
    if version in withdrawn:
        page, taken = "library/version_withdrawn.html", withdrawn[version]
        return render_template(page, practice=practice, taken=taken), 410
    return render_template(
        "library/version.html",
        practice=practice, revision=revision, withdrawn=withdrawn,
        text=markdown.render(revision.body), rests=rests_on(revision.front),
        reply=reply_to(practice.front),
        versions=queries.versions_of(practice),
        title=f"{revision.front['title']}, version {version}",
    )  # fmt: skip


@blueprint.get("/<string:slug>/practice.md")
@public
def as_markdown(slug: str) -> Response:
    practice = whole(slug)
    demo = "\nDemonstration text: firms and results are invented.\n"
    head = (
        f"# {practice.title}\n\n{practice.summary}\n\n{citation(practice)} {permalink(practice)}\n"
    )
    rests = "".join(f"- {name}: {words}\n" for name, words in rests_on(practice.front))
    title, parts, about = reply_to(practice.front) or ("", [], "")
    quoted = "\n>\n".join("> " + one.replace("\n", "\n> ") for one in parts)
    reply = "\n\n".join(one for one in (f"\n## {title}", quoted, about) if one) if title else ""
    text = f"{head}\n{rests}{demo if practice.front.get('demo') else ''}\n{practice.body}{reply}"
    return taken(practice, text.replace(NBSP, " ").encode(), "md", "text/markdown; charset=utf-8")


@blueprint.get("/<string:slug>/practice.pdf")
@public
def as_pdf(slug: str) -> Response:
    practice = whole(slug)
    return taken(practice, documents.pdf("practice", facts(practice)), "pdf", "application/pdf")


@blueprint.get("/<string:slug>/practice.docx")
@public
def as_word(slug: str) -> Response:
    practice = whole(slug)
    return taken(practice, in_word.practice(facts(practice)), "docx", DOCX)


@blueprint.get("/feed.atom")
@public
def atom() -> Response:
    made = render_template("library/feed.xml", **asked_feed())
    return Response(made, content_type="application/atom+xml; charset=utf-8")


@blueprint.get("/feed.json")
@public
def json_feed() -> Response:
    """As jsonfeed.org, version 1.1, says it."""
    feed = asked_feed()
    items = [
        {
            "id": one.ref, "url": link("library.show", slug=one.slug), "title": one.title,
            "summary": one.summary, "content_text": one.summary,
            "date_modified": f"{one.updated_on}T00:00:00Z",
            "tags": [label("theme", one.theme), label("kind", one.kind)],
        }
        for one in feed["practices"]
    ]  # fmt: skip
    made = jsonify(
        version="https://jsonfeed.org/version/1.1", title=feed["title"], items=items,
        home_page_url=feed["page"], feed_url=feed["own"],
    )  # fmt: skip
    made.content_type = "application/feed+json"
    return made


def asked_feed() -> dict[str, Any]:
    """The newest teasers of a theme, a kind, or all; the same for everybody who asks."""
    chosen = {
        name: request.args[name]
        for name in ("theme", "kind")
        if request.args.get(name) in facets()[name]
    }
    words = [label(name, one) for name, one in chosen.items()]
    endpoint = str(request.endpoint)
    return {
        "practices": queries.teasers(**chosen), "page": link("library.index", **chosen),
        "own": link(endpoint, **chosen), "label": label,
        "page_of": lambda one: link("library.show", slug=one.slug),
        "title": ": ".join([f"{association().name}, practices", *words]),
    }  # fmt: skip


def whole(slug: str) -> Practice:
    """The practice, for whoever may read all of it; 404 otherwise."""
    practice = queries.readable(slug, current_user)
    if practice is None or not queries.may_read(practice, current_user):
        abort(404)
    return practice


def cited(practice: Practice, version: int) -> Revision:
    found = (one for one in queries.versions_of(practice) if one.version == version)
    return next(found, None) or abort(404)


def permalink(practice: Practice) -> str:
    return link("library.version", slug=practice.slug, version=practice.version)


def citation(practice: Practice) -> str:
    about = f"{practice.ref} version {practice.version}, {day(practice.updated_on)}"
    return f"{association().name}, “{practice.title}”, {about}."


def taken(practice: Practice, body: bytes, ending: str, kind: str) -> Response:
    name = f"{practice.ref}-v{practice.version}-{practice.slug}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type=kind, headers=headers)


def facts(practice: Practice) -> dict[str, Any]:
    """What the PDF and the Word document print; only http(s) addresses become links there."""
    here, front = association(), practice.front
    reviewed = front.get("reviewed_on")
    rows = [
        ("Version", f"{practice.version}, {day(practice.updated_on)}"),
        ("Reviewed", iso_day(str(reviewed)) if reviewed else ""),
        *rests_on(front),
        ("Owner", f"{front['owner']} of {here.name}" if front.get("owner") else here.name),
    ]
    return {
        "title": practice.title, "number": f"{practice.ref} version {practice.version}",
        "dated": str(practice.updated_on or practice.revisions[0].made_at.date()),
        "from": {"name": here.name}, "label": label("kind", practice.kind),
        "summary": practice.summary, "rows": [row for row in rows if row[1]],
        "citation": citation(practice), "permalink": permalink(practice),
        "is_demo": bool(front.get("demo")), "body": blocks(practice.body) + _reply(practice),
        "sources": [source(one) for one in front.get("sources") or []],
        "files": [one.title for one in practice.attachments],
        "language": front.get("language", "en")[:2],
    }  # fmt: skip


def _reply(practice: Practice) -> list[Block]:
    """What the counterparty says goes wherever the case goes."""
    found = reply_to(practice.front)
    if found is None:
        return []
    title, parts, about = found
    quoted = {"kind": "blockquote", "children": [said("paragraph", one) for one in parts]}
    said_so = [said("heading", title, level=2), *([quoted] if parts else [])]
    return [*said_so, said("paragraph", about)]


def source(one: dict[str, Any]) -> dict[str, str]:
    address = str(one.get("url", ""))
    words = ", ".join(str(one[key]) for key in ("title", "year") if one.get(key))
    return {"words": words, "href": address if is_web(address) else ""}
