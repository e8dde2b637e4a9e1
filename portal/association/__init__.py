"""The association itself: what an officer may change about it."""

from flask import Flask

from portal.association import staff
from portal.association.queries import association, unfounded
from portal.core import mail, web

blueprints = (staff.blueprint,)

web.without_database.append(unfounded)


def init_app(app: Flask) -> None:
    """Every page and every mail may name the association."""
    app.context_processor(lambda: {"association": association()})
    mail.common["association"] = association
