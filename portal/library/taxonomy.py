"""The facets of the library and their labels, from `content/taxonomy.toml`."""

import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "content"
FACETS = ("theme", "kind", "service", "stage", "outcome")


@cache
def facets() -> dict[str, dict[str, str]]:
    """`{"kind": {"guide": "Guide", …}, …}`, in the order of the file."""
    return tomllib.loads((FOLDER / "taxonomy.toml").read_text())


def label(facet: str, slug: str | None) -> str:
    return facets().get(facet, {}).get(slug or "", slug or "")
