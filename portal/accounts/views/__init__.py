"""The account pages: signing in, mailed links, one's own account, the second factor."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
