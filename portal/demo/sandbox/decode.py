"""Form bodies in Stripe's bracket notation, read into nested dictionaries of text."""

import re
from collections.abc import Iterable
from typing import Any

from portal.demo.sandbox.errors import refused

Tree = dict[str, Any]  # a leaf is text; lists are still dictionaries with the keys "0", "1", …

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
PART = re.compile(r"\[([^\[\]]*)\]")
DEEPEST = 12


def tree(pairs: Iterable[tuple[str, str]]) -> Tree:
    """`a[b][0]=x` becomes `{"a": {"b": {"0": "x"}}}`; `a[]` counts up by itself.

    Whether digits mean a list is left to the parameter's type, for metadata may use them as names.
    """
    root: Tree = {}
    for key, value in pairs:
        matched = KEY.fullmatch(key)
        parts = [matched[1], *PART.findall(matched[2])] if matched else []
        if not 1 <= len(parts) <= DEEPEST:
            raise refused(f"Invalid parameter name: {key[:100]}")
        _put(root, parts, value, key)
    return root


def _put(node: Tree, parts: list[str], value: str, key: str) -> None:
    for part in parts[:-1]:
        node = node.setdefault(part or str(len(node)), {})
        if not isinstance(node, dict):
            raise refused(f"Invalid parameter: {key} was sent as a value and as a hash", key)
    last = parts[-1] or str(len(node))
    if last in node:
        raise refused(f"Invalid parameter: {key} was sent twice", key)
    node[last] = value
