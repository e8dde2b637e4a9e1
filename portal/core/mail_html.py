"""The plain text of a mail as HTML."""

import re

from markupsafe import Markup, escape


def paragraph(text: str) -> Markup:
    """One paragraph of plain text as HTML: lists of `- `, addresses as links, the rest escaped."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines and all(line.startswith("- ") for line in lines):
        items = Markup("").join(Markup("<li>{}</li>").format(_linked(line[2:])) for line in lines)
        return Markup("<ul>{}</ul>").format(items)
    return Markup("<p>{}</p>").format(Markup("<br>").join(map(_linked, lines)))


def _linked(text: str) -> Markup:
    pieces = re.split(r"(https?://[^\s<>\"]+[^\s<>\".,;:)])", text)
    anchor = Markup('<a href="{0}">{0}</a>')
    made = [anchor.format(one) if n % 2 else escape(one) for n, one in enumerate(pieces)]
    return Markup("").join(made)
