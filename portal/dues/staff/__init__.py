"""The staff pages of dues: invoices and payments, and the treasurer's reports."""

from flask import Blueprint

blueprint = Blueprint("dues_staff", __name__, url_prefix="/staff/dues")
