"""Markdown to safe HTML: tables, footnotes, task lists, anchored headings; no raw HTML."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.anchors.index import slugify
from mdit_py_plugins.footnote import footnote_plugin

from portal.core.task_lists import task_lists
from portal.core.wide_tables import wide_tables

TAGS = {
    "a", "abbr", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h2", "h3",
    "h4", "hr", "li", "ol", "p", "pre", "section", "strong", "sup", "table", "tbody", "td", "th",
    "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "id", "class"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"},
    "li": {"id", "class"}, "ul": {"class"},
    "ol": {"start", "class"}, "sup": {"class"}, "section": {"class"}, "th": {"class"},
    "div": {"class", "role", "aria-label", "tabindex"},
}  # fmt: skip
_BRACKETS = re.compile(r"\[{50,}")


@dataclass(frozen=True)
class Heading:
    id: str
    text: str


@dataclass(frozen=True)
class Rendered:
    html: Markup
    headings: tuple[Heading, ...]  # of the second level, for the contents list


def _names() -> Callable[[str], str]:
    """Names headings apart by counting; the plugin alone would try every number again."""
    seen: Counter[str] = Counter()

    def name(title: str) -> str:
        plain = slugify(title)
        seen[plain] += 1
        return plain if seen[plain] == 1 else f"{plain}-{seen[plain] - 1}"

    return name


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    made.use(anchors_plugin, max_level=3, min_level=2, slug_func=_names())
    made.use(footnote_plugin).use(task_lists).use(wide_tables)
    return made


def _as_typed(run: re.Match[str]) -> str:
    """Nobody means a link by it, and each bracket costs the parser a search for its end."""
    return "\\[" * len(run[0])


def render(text: str, prefix: str = "s-") -> Rendered:
    """`prefix` keeps the headings' ids apart from those of the page around them."""
    parser = _parser()
    tokens = parser.parse(_BRACKETS.sub(_as_typed, text[:200_000]))
    headings = []
    for token, inner in pairwise(tokens):
        if token.type == "heading_open" and token.attrGet("id"):
            token.attrSet("id", f"{prefix}{token.attrGet('id')}")
            if token.tag == "h2":
                headings.append(Heading(str(token.attrGet("id")), _plain(inner.content)))
        if token.type == "heading_open" and token.tag == "h1":
            token.tag = "h2"
        if token.type == "heading_close" and token.tag == "h1":
            token.tag = "h2"
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, link_rel="noopener",
        url_schemes={"http", "https", "mailto"}, generic_attribute_prefixes=None,
    )  # fmt: skip
    return Rendered(Markup(clean), tuple(headings))  # noqa: S704 - cleaned on the line above


def plain(text: str) -> str:
    """The words of Markdown without its marks, for search and its excerpts."""
    lines = (line.strip(" |#>*-").replace("[ ] ", "") for line in text.splitlines())
    cells = (line.replace(" | ", ", ") for line in lines if line.strip("-|: "))
    return _plain("\n".join(cells))


def _plain(text: str) -> str:
    return text.replace("*", "").replace("`", "")
