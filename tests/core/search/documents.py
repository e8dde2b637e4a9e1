"""Documents to search, in which every fact has a dull default."""

from portal.core.search import Document, Query

PUBLIC = frozenset({"public"})
MEMBER = frozenset({"public", "members"})
STAFF = frozenset({"public", "members", "staff"})


def a_document(key, title="A page", body="", **facts):
    return Document(
        key=key, kind=facts.pop("kind", "practice"), title=title, body=body, url=f"/{key}",
        audience=frozenset(facts.pop("audience", {"public"})), **facts,
    )  # fmt: skip


def asked(text, audiences=PUBLIC, **more):
    return Query(text, audiences, **more)


def keys(results):
    return [hit.key for hit in results.hits]


def no_progress(_done, _of):
    """For a rebuild nobody watches."""
