"""Files for the tests of imports: made, sent by a browser, carried through."""

import csv
import io

from sqlalchemy import select

from portal.core import jobs
from portal.core.db import db
from portal.exchange.models import Import, ImportRow
from tests import tables

DATA = "/staff/members/data/"
OWN = {"imports", "import_rows", "jobs", "audit_events", "audit_head", "transitions", "sign_ins"}


def as_csv(*rows, separator=","):
    """Rows as a file; the first are the headings."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode()


def send(browser, kind, body, name="old.csv", status=303):
    """Upload a file as people do; the answer."""
    file = (io.BytesIO(body), name)
    return browser.post(f"{DATA}import", status=status, kind=kind, file=file)


def checked(browser, kind, body, name="old.csv"):
    """The import of a file after its dry run."""
    there = send(browser, kind, body, name).location
    jobs.work()
    db.session.rollback()
    return db.session.get(Import, int(there.rpartition("/")[2]))


def imported(browser, kind, body, mode="whole", name="old.csv"):
    """The same, carried out."""
    found = checked(browser, kind, body, name)
    number = found.id
    browser.post(f"{DATA}imports/{number}/run", page=page_of(found), mode=mode)
    jobs.work()
    db.session.rollback()
    return db.session.get(Import, number)


def page_of(found):
    return f"{DATA}imports/{found.id}"


def lines(found):
    """Line, outcome and sentences of each row."""
    query = select(ImportRow).where(ImportRow.import_id == found.id).order_by(ImportRow.line)
    return [
        (row.line, row.outcome.value, [" ".join(one) for one in row.problems])
        for row in db.session.scalars(query)
    ]


def outcomes(found):
    return [outcome for _, outcome, _ in lines(found)]


def sentences(found):
    return [words for _, _, several in lines(found) for words in several]


def world():
    """Every row but those that an import keeps of itself."""
    db.session.rollback()
    return {name: rows for name, rows in tables.keep().items() if name not in OWN}


def exported(browser, what, form="csv"):
    answer = browser.post(DATA, status=200, what=what, form=form, purpose="A test")
    assert answer.mimetype != "text/html", answer.text[:2000]
    return answer.data
