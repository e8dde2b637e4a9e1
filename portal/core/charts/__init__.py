"""Charts and tile maps drawn on the server: SVG, and the same numbers as a table."""

from portal.core.charts.drawing import Chart, Key, Limit, Point, Share, Stack, Words
from portal.core.charts.lines import line, spark
from portal.core.charts.rows import bars, stacked, units
from portal.core.charts.tiles import Tile, tiles

__all__ = [
    "Chart", "Key", "Limit", "Point", "Share", "Stack", "Tile", "Words",
    "bars", "line", "spark", "stacked", "tiles", "units",
]  # fmt: skip
