"""A person's data as one archive: a page in words, and each kind as JSON and as CSV."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any

from flask import current_app

from portal.accounts.holdings import HOLDINGS
from portal.accounts.models import Person
from portal.association.queries import association
from portal.core import clock


def cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


def rows_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows under a heading of all their names; nothing when there are none."""
    found = list(rows)
    names = list(dict.fromkeys(name for row in found for name in row))
    out = io.StringIO()
    if found:
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerows([cell(row.get(name)) for name in names] for row in found)
    return out.getvalue()


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these files, in this order."""
    out = io.BytesIO()
    write_archive(out, files.items())
    return out.getvalue()


def write_archive(out: IO[bytes], files: Iterable[tuple[str, str | bytes]]) -> None:
    """As `archive`, with one file after the other in memory."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in files:
            made.writestr(name, body)


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(list(rows), indent=1, default=str, ensure_ascii=False)


def bundle_of(person: Person) -> bytes:
    """Everything that is kept of a person, secrets excepted."""
    found = [(one, list(one.rows(person))) for one in HOLDINGS]
    page = current_app.jinja_env.get_template("accounts/bundle.html")
    files: dict[str, str | bytes] = {
        "index.html": page.render(
            person=person, found=found, association=association(), made_at=clock.now()
        )
    }
    for one, rows in found:
        files[f"{one.name}.json"] = as_json(rows)
        files[f"{one.name}.csv"] = rows_csv(rows)
    return archive(files)
