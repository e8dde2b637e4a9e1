"""A practice, and a checklist as a firm filled it, as Word documents of what their PDFs print."""

from typing import Any

from portal.core.blocks import Block, said, table
from portal.core.docx import docx

Facts = dict[str, Any]
IS_DEMO = "A demonstration text: the firms and results in it are invented."


def practice(facts: Facts) -> bytes:
    head = [
        said("title", facts["title"]), said("subtitle", facts["summary"]),
        said("paragraph", facts["label"]), table(facts["rows"]),
        said("paragraph", f"Cite as: {facts['citation']}"),
        _line({"words": facts["permalink"], "href": facts["permalink"]}),
        *([_strong(IS_DEMO)] if facts["is_demo"] else []),
    ]  # fmt: skip
    sources = _listed("Sources", [_line(one) for one in facts["sources"]])
    files = _listed("Files beside it", [said("paragraph", one) for one in facts["files"]])
    return _paper(facts, [*head, *facts["body"], *sources, *files])


def checklist(facts: Facts) -> bytes:
    made = [
        said("title", facts["title"]),
        said("subtitle", f"Checklist of {facts['firm']}. {facts['practice']}. {facts['state']}"),
    ]  # fmt: skip
    for section in facts["sections"]:
        made += [said("heading", section["title"], level=2)] if section["title"] else []
        made.append(table(map(_row, section["items"]), ("Item", "Answer", "Note")))
    return _paper(facts, made)


def _row(item: dict[str, str]) -> list[str]:
    notes = [one for one in (item["note"], item["more"]) if one]
    return [item["text"], item["answer"] or "☐ Open", "\n".join(notes)]


def _paper(facts: Facts, made: list[Block]) -> bytes:
    foot = f"{facts['from']['name']}, {facts['number']}"
    return docx(facts["title"], foot, made, facts.get("language", "en"))


def _listed(title: str, lines: list[Block]) -> list[Block]:
    items = [{"kind": "list_item", "box": False, "children": [one]} for one in lines]
    if not items:
        return []
    return [said("heading", title, level=2), {"kind": "bullet_list", "children": items}]


def _line(one: dict[str, str]) -> Block:
    """Words that lead somewhere, when they do."""
    return {"kind": "paragraph", "children": [said("link", one["words"], href=one["href"])]}


def _strong(words: str) -> Block:
    return {"kind": "paragraph", "children": [said("strong", words)]}
