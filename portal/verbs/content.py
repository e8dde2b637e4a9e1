"""`content sync`, `content export`, `reindex`, `search`, `import-bills`: what can be read."""

from pathlib import Path

CONTENT = Path(__file__).parents[2] / "content"
PLACES = CONTENT / "places.csv"
