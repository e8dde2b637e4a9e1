"""Invoices as firms see them, their seats and their declarations."""

from flask import Blueprint

blueprint = Blueprint("dues", __name__)
