"""Telling people what their saved searches newly find; forgetting what was looked for long ago."""

from datetime import timedelta

from portal.association.queries import today
from portal.core.db import db
from portal.core.jobs import every
from portal.core.search import diary
from portal.core.search.index import diary_folder
from portal.home import queries
from portal.home.actions import tell_news
from portal.home.models import SavedSearch


@every(timedelta(minutes=5))
def tell_news_of_searches() -> None:
    """One search at a time: what is told is committed with what was seen."""
    for saved_id in queries.searches_due():
        saved = db.session.get(SavedSearch, saved_id)
        if saved is not None:
            tell_news(saved)
        db.session.commit()


@every(timedelta(days=1))
def forget_old_searches() -> None:
    diary.forget(diary_folder(), today())
