"""Tile maps of measures, of the world or of a nation; they agree with the list."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import url_for

from portal.core.charts import Chart, Tile, Words, tiles
from portal.legislation.counting import counts
from portal.legislation.queries import Filters
from portal.places import queries as places

FILE = Path(__file__).parents[2] / "content" / "tiles.toml"
STEPS = (1, 4, 10)


@dataclass(frozen=True)
class Map:
    """`elsewhere` holds what no tile shows: (name, url, count)."""

    chart: Chart
    title: str
    elsewhere: list[tuple[str, str, int]]

    @property
    def svg(self) -> object:
        return self.chart.svg

    @property
    def legend(self) -> object:
        return self.chart.legend


@cache
def layouts() -> dict[str, dict[str, tuple[str, int, int]]]:
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: {slug: tuple(cell) for slug, cell in cells.items()} for name, cells in read.items()
    }


def world() -> Chart:
    return draw(Filters(), {}, counts(Filters()).place, places.names().every).chart


def draw(
    filters: Filters, kept: dict[str, Any], found: dict[str, int], names: dict[str, str]
) -> Map:
    """By `found`, counts by path; `kept` are the other filters, which every tile keeps."""
    nation = filters.place.path.strip("/").split("/")[0] if filters.place else ""
    layout = layouts().get(nation) or layouts()["world"]
    is_nation = nation in layouts()
    prefix = f"/{nation}/" if is_nation else "/"
    inside = {path: n for path, n in found.items() if path.startswith(prefix)}
    cells = [
        Tile(
            code=code,
            name=names.get(slug, slug),
            column=column,
            row=row,
            count=(n := _count(inside, f"{prefix}{slug}/")),
            words=_said(n),
            url=url_for("legislation.index", **kept | {"jurisdiction": slug}),
        )
        for slug, (code, column, row) in layout.items()
    ]
    drawn = tuple(f"{prefix}{slug}/" for slug in layout)
    left = {path: n for path, n in inside.items() if not path.startswith(drawn)}
    title = f"Measures in {names[nation]}, by part" if is_nation else "Measures, by country"
    chosen = (
        layout[filters.place.slug][0] if filters.place and filters.place.slug in layout else ""
    )
    words = Words(title, ("Place", "Measures"))
    elsewhere = [_elsewhere(path, n, names, kept, prefix) for path, n in sorted(left.items())]
    return Map(tiles(cells, STEPS, chosen, words), title, elsewhere)


def _elsewhere(
    path: str, count: int, names: dict[str, str], kept: dict[str, Any], prefix: str
) -> tuple[str, str, int]:
    """A place without a tile; of the nation itself, only what is national."""
    slug = _slug(path)
    is_whole = path == prefix
    more = {"jurisdiction": slug} | ({"level": "national"} if is_whole else {})
    name = f"{names[slug]} as a whole" if is_whole else names[slug]
    return name, url_for("legislation.index", **kept | more), count


def _said(count: int) -> str:
    return "no measure" if not count else "1 measure" if count == 1 else f"{count} measures"


def _count(counts: dict[str, int], path: str) -> int:
    """Of a place and everything in it."""
    return sum(n for where, n in counts.items() if where.startswith(path))


def _slug(path: str) -> str:
    return path.strip("/").split("/")[-1]
