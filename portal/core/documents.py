"""PDFs from Typst templates: about 10 ms a page, PDF/A-2b, no system libraries."""

import json
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"


def pdf(template: str, facts: dict[str, object]) -> bytes:
    """`templates/documents/<template>.typ` with `facts`, which it reads as JSON from `sys.inputs`.

    Text in `facts` is data to Typst, never markup.
    """
    source = TEMPLATES / f"{template}.typ"
    inputs = {"facts": json.dumps(facts, default=str)}
    return typst.compile(
        str(source), root=str(TEMPLATES), sys_inputs=inputs, format="pdf", pdf_standards="a-2b"
    )
