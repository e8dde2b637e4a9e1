"""Small files as programs write them, made of bytes."""

import io
import zipfile

import openpyxl

from portal.core.file_checks import OFFICE

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/main"


def packed(parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return made.getvalue()


def _types(kind):
    return f'<Types><Override ContentType="{OFFICE}{kind}.main+xml"/></Types>'


def docx(*paragraphs, **more):
    text = "".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs)
    document = f'<w:document xmlns:w="{WORD}"><w:body>{text}</w:body></w:document>'
    types = _types("wordprocessingml.document")
    return packed({"[Content_Types].xml": types, "word/document.xml": document} | more)


def pptx(*slides):
    parts = {"[Content_Types].xml": _types("presentationml.presentation")}
    for number, words in enumerate(slides, 1):
        text = f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p>"
        parts[f"ppt/slides/slide{number}.xml"] = f'<s xmlns:a="{DRAWN}">{text}</s>'
    return packed(parts)


def xlsx(rows, title="Rates"):
    book, made = openpyxl.Workbook(), io.BytesIO()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def pdf(*pages):
    """A PDF of a line a page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, words in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({words}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    made, places = "%PDF-1.4\n", []
    for n, one in enumerate(objects, 1):
        places.append(len(made))
        made += f"{n} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    made += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    )
    return (made + f"startxref\n{made.index('xref')}\n%%EOF\n").encode()
