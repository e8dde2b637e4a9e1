"""People: signing in, second factor, invitations, roles."""

from flask import Flask

from portal.accounts import closing, staff
from portal.accounts import models as models
from portal.accounts import retention as retention
from portal.accounts.queries import granted_roles
from portal.accounts.views import account as account
from portal.accounts.views import blueprint, second_factor, signing_in
from portal.accounts.views import data as data
from portal.accounts.views import links as links
from portal.core import access, mail

blueprints = (blueprint, staff.blueprint)

access.login.user_loader(signing_in.who)
access.role_sources.append(granted_roles)
access.gates.append(second_factor.gate)
mail.withholders.append(closing.withholds)


def init_app(app: Flask) -> None:
    """Idle sessions end before anything else is asked; pages say how long something is kept."""
    app.jinja_env.globals["kept_for"] = retention.kept
    app.before_request_funcs.setdefault(None, []).insert(0, signing_in.end_idle_session)
