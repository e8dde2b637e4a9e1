"""What the toolbar puts into a text: the Markdown, and its words; pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Snippet:
    label: str
    before: str
    sample: str
    after: str = ""
    is_block: bool = True  # begins on a line of its own


SNIPPETS = {
    "heading": Snippet("Heading", "## ", "Heading"),
    "bold": Snippet("Bold", "**", "important", "**", is_block=False),
    "link": Snippet("Link", "[", "words", "](https://)", is_block=False),
    "list": Snippet("List", "- ", "first point"),
    "steps": Snippet("Steps", "1. ", "first step"),
    "checklist": Snippet("Checklist", "- [ ] ", "thing to check"),
    "table": Snippet("Table", "| What | How much |\n|---|---|\n| ", "first", " | 1 |"),
    "quote": Snippet("Quotation", "> ", "what they said"),
    "note": Snippet("Footnote", "[^1]\n\n[^1]: ", "where this is from", is_block=False),
}


def appended(text: str, name: str) -> str:
    """The text with a snippet at its end, for browsers that cannot put it at the cursor."""
    one = SNIPPETS.get(name)
    if one is None:
        return text
    gap = "" if not text.strip() else "\n\n" if one.is_block else " "
    return f"{text.rstrip()}{gap}{one.before}{one.sample}{one.after}"
