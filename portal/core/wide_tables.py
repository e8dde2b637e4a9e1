"""Every table of a text in a box of its own, which scrolls sideways where the screen is narrow."""

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

LONGEST = 120  # characters of a name that is read aloud
BOX = {"class": "sideways", "role": "group", "aria-label": "Table", "tabindex": "0"}


def wide_tables(parser: MarkdownIt) -> None:
    """The boxes can be reached by the keyboard, and are named by the heads of the columns."""
    parser.core.ruler.after("inline", "wide_tables", _box)


def _box(state: StateCore) -> None:
    boxed: list[Token] = []
    for token in state.tokens:
        if token.type == "table_open":
            box = Token("wide_table_open", "div", 1, attrs=dict(BOX), block=True)
            heads: list[str] = []
            boxed.append(box)
        boxed.append(token)
        if token.type == "inline" and boxed[-2].type == "th_open":
            heads.append(_words(token))
        elif token.type == "table_close":
            named = ", ".join(filter(None, heads))[:LONGEST]
            if named:
                box.attrSet("aria-label", f"Table: {named}")
            boxed.append(Token("wide_table_close", "div", -1, block=True))
    state.tokens = boxed


def _words(token: Token) -> str:
    return "".join(one.content for one in token.children or () if one.type != "image").strip()
