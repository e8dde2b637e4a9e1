"""Texts as squares that cameras read, drawn as SVG without a style of its own."""

import io
from typing import Any

import segno


def svg(text: str, **look: Any) -> str:
    """`look` is how segno draws it: `border`, `scale`, `svgclass` and so on."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", xmldecl=False, **look)
    return out.getvalue().decode()
