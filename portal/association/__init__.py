"""The association itself: what an officer may change about it."""

from flask import Flask

from portal.association import staff
from portal.association.queries import association
from portal.core import mail

blueprints = (staff.blueprint,)


def init_app(app: Flask) -> None:
    """Every page and every mail may name the association."""
    app.context_processor(lambda: {"association": association()})
    mail.common["association"] = association
