"""The member portal. `create_app` is its table of contents."""

import gc

# What is imported stays. Looked through again and again, and once more at the end, it takes half
# of a short command's time, and keeps whoever stops the web server waiting.
gc.disable()

from flask import Flask

from portal import (
    accounts,
    association,
    committees,
    demo,
    dues,
    events,
    exchange,
    home,
    joining,
    legislation,
    library,
    members,
    notices,
    places,
    renewals,
)
from portal.core import access, audit, clock, db, files, jobs, mail, stripe_gateway, visitors, web
from portal.core.config import Settings
from portal.core.search import index

gc.freeze()
gc.enable()

FEATURES = (
    association, places, accounts, notices, members, dues, exchange, renewals, joining,
    committees, legislation, events, library, home,
)  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or Settings.from_environment()
    clock.start_at(settings.starts_at)
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.config.from_mapping(settings.for_flask())
    for part in (db, audit, jobs, mail, files, index, stripe_gateway, visitors, web, access):
        part.init_app(app, settings)
    for feature in (*FEATURES, *([demo] if settings.demo else [])):
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
    for feature in FEATURES:
        feature.init_app(app)
    access.require_every_view_to_declare(app)
    return app
