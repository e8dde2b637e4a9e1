"""The account pages: signing in, mailed links, one's own account, the second factor."""

from flask import Blueprint, abort, request

blueprint = Blueprint("accounts", __name__)
LONGEST = 1000  # letters; nobody types a password like that, and a hash of it would cost us


@blueprint.before_request
def refuse_absurd_passwords() -> None:
    if any(len(request.form.get(name, "")) > LONGEST for name in ("password", "current")):
        abort(400)
