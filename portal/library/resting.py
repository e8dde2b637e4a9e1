"""What a text rests on, and what its counterparty says of it: the same wherever it is read."""

from collections.abc import Mapping
from typing import Any

from portal.core.filters import iso_day
from portal.library.taxonomy import label

Front = Mapping[str, Any]


def rests_on(front: Front) -> list[tuple[str, str]]:
    """How it went, how it is known, and whose interest it serves, as far as anybody said."""
    interest = front.get("interest") or {}
    sells = interest.get("sells") or ("nothing to readers" if interest else "")
    rows = [
        *((name, label(facet, front[facet])) for name, facet in NAMED if front.get(facet)),
        ("Written by", interest.get("author")), ("Paid by", interest.get("paid_by")),
        ("Sells", sells),
    ]  # fmt: skip
    return [(name, str(words)) for name, words in rows if words]


NAMED = (("How it went", "outcome"), ("Evidence", "evidence"), ("Told", "frankness"))


def reply_to(front: Front) -> tuple[str, list[str], str] | None:
    """Whose reply, its paragraphs, and the sentence about it; None where nobody was asked."""
    reply = front.get("reply") or {}
    if not reply.get("status"):
        return None
    asked, due = iso_day(str(reply.get("invited_on"))), iso_day(str(reply.get("due")))
    title, text = f"The reply of {reply['party']}", str(reply.get("text") or "")
    if not text:
        return title, [], f"They were asked on {asked} to reply by {due}, and did not."
    about = f"In their own words, asked for on {asked} and printed unchanged."
    return title, text.split("\n\n"), about
