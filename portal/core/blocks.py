"""Markdown as nested blocks that a Typst template draws: words are data there, never markup."""

from collections.abc import Iterable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

Block = dict[str, Any]

LEFT_OUT = {"footnote_block", "footnote_anchor", "image", "html_block", "html_inline"}


def blocks(text: str) -> list[Block]:
    """Task items carry `box`, links only an http(s) address, footnote references their note."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").use(footnote_plugin)
    tree = SyntaxTreeNode(parser.parse(text[:200_000]))
    notes = {
        note.meta["id"]: [made for one in note.children for made in _drawn(one, {})]
        for block in tree.children
        if block.type == "footnote_block"
        for note in block.children
    }
    return [made for one in tree.children for made in _drawn(one, notes)]


def said(kind: str, text: str, **more: object) -> Block:
    """A block of plain words, on lines of their own where `text` has them."""
    inner: list[Block] = []
    for n, line in enumerate(text.split("\n")):
        inner += [{"kind": "hardbreak"}] if n else []
        inner.append({"kind": "text", "text": line})
    return {"kind": kind, "children": inner} | more


def table(rows: Iterable[Sequence[str]], heads: Sequence[str] = ()) -> Block:
    """Of plain words; without `heads` the first cell of each row is its head."""
    head = [{"kind": "tr", "children": [said("th", one) for one in heads]}] if heads else []
    drawn = [
        [said("td" if heads or n else "th", cell) for n, cell in enumerate(row)] for row in rows
    ]
    return {"kind": "table", "children": head + [{"kind": "tr", "children": r} for r in drawn]}


def _drawn(node: SyntaxTreeNode, notes: dict[int, list[Block]]) -> list[Block]:
    if node.type in LEFT_OUT:
        return []
    inner = [made for one in node.children for made in _drawn(one, notes)]
    if node.type in {"inline", "thead", "tbody"}:
        return inner
    made: Block = {"kind": node.type, "children": inner}
    if node.type == "footnote_ref":
        made["children"] = notes.get(node.meta["id"], [])
    elif node.type == "list_item":
        made["box"] = _take_box(made)
    return [made | _own(node)]


def _own(node: SyntaxTreeNode) -> Block:
    """What a kind of block has beside its children."""
    if node.type in {"text", "code_inline", "fence", "code_block"}:
        return {"text": node.content}
    if node.type == "heading":
        return {"level": int(node.tag[1])}
    if node.type == "ordered_list":
        return {"start": int(node.attrs.get("start", 1))}
    address = str(node.attrs.get("href", ""))
    is_web = address.startswith(("https://", "http://"))
    return {"href": address if is_web else ""} if node.type == "link" else {}


def _take_box(item: Block) -> bool:
    """Whether the item is one of a task list; its "[ ]" is then taken out of its words."""
    first = item["children"][0]["children"] if item["children"] else []
    words = first[0].get("text", "") if first else ""
    if words[:4].lower() not in {"[ ] ", "[x] "}:
        return False
    first[0]["text"] = words[4:]
    return True
