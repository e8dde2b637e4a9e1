"""Pages of a firm for its own people, the ways to a firm, and the public directory."""

from flask import Blueprint

blueprint = Blueprint("members", __name__)
