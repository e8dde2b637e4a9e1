"""List items that begin with `[ ]` or `[x]` are tasks, in one pass whatever is written."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_TASK = re.compile(r"\[[ xX]\]\s+")


def task_lists(parser: MarkdownIt) -> None:
    """The classes that the style sheet draws boxes by; nothing that a reader could tick."""
    parser.core.ruler.after("inline", "task_lists", _mark)


def _mark(state: StateCore) -> None:
    lists: list[Token] = []
    item: Token | None = None
    for token in state.tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            item = token
        elif token.type == "inline" and item is not None:
            if token.level == item.level + 2 and _is_task(token):
                item.attrSet("class", "task-list-item")
                lists[-1].attrSet("class", "contains-task-list")
            item = None


def _is_task(token: Token) -> bool:
    """Whether it is one; its mark is then taken off."""
    found = _TASK.match(token.content)
    first = token.children[0] if token.children else None
    if found is None or first is None or not first.content.startswith(found[0].rstrip()):
        return False
    token.content = token.content[found.end() :]
    first.content = first.content[found.end() :]
    return True
