"""The library's work for later: the text of attached files."""

from portal.core import files, jobs
from portal.core.db import db
from portal.core.extracting import text_of
from portal.core.search import index
from portal.library.attachments import ending
from portal.library.models import Attachment, Extraction


@jobs.job
def extract(attachment_id: int) -> None:
    """Read the text of a file, in a process of its own and with nothing of ours held."""
    one = db.session.get(Attachment, attachment_id)
    if one is None:
        return
    kind, key = ending(one), one.key
    db.session.commit()
    status, pages = text_of(kind, files.store().get(key))
    one = db.session.get(Attachment, attachment_id)
    if one is not None:
        one.extraction, one.pages = Extraction(status), pages
        index.changed("attachment", attachment_id)
