"""PDFs from Typst templates: about 10 ms a page, PDF/A-2b, no system libraries."""

import json
from pathlib import Path

import typst

from portal.core import qr

TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"


def pdf(template: str, facts: dict[str, object]) -> bytes:
    """`templates/documents/<template>.typ` with `facts`, which it reads as JSON from `sys.inputs`.

    Text in `facts` is data to Typst, never markup. PDF/A refuses a letter that no font of the
    machine can draw (a name in Japanese, say): then the document is a plain PDF, where that
    letter is an empty box, for an invoice with a box is better than none.
    `facts["qr"]` is a text that the template has as `sys.inputs.qr`, an SVG that cameras read.
    """
    source = str(TEMPLATES / f"{template}.typ")
    root, inputs = str(TEMPLATES), {"facts": json.dumps(facts, default=str)}
    if words := facts.get("qr"):
        inputs["qr"] = qr.svg(str(words), border=0)
    try:
        return typst.compile(
            source, root=root, sys_inputs=inputs, format="pdf", pdf_standards="a-2b"
        )
    except typst.TypstError as why:
        if "could not be displayed" not in str(why):
            raise
        return typst.compile(source, root=root, sys_inputs=inputs, format="pdf")
