"""What a person follows and is told, and what was told once."""

from flask import Flask

from portal.accounts import closing
from portal.core import merging
from portal.notices import feeds, views
from portal.notices import holdings as holdings
from portal.notices import models as models
from portal.notices.twins import once_each

blueprints = (views.blueprint,)

merging.settlers.setdefault("people", []).append(once_each)
closing.endings.append(lambda person: feeds.revoke(person.id))


def init_app(app: Flask) -> None:
    """Nothing to tell the ground floor."""
