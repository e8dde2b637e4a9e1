"""Addresses for mails, calendars and payment pages: from our setting, never from a Host header."""

from urllib.parse import urlsplit

from flask import current_app

from portal.core.config import Settings


def settings() -> Settings:
    return current_app.extensions["settings"]


def link(endpoint: str, **values: object) -> str:
    """The absolute address of a view, also outside a request."""
    site = urlsplit(settings().site_url)
    urls = current_app.url_map.bind(site.netloc, url_scheme=site.scheme)
    return urls.build(endpoint, values, force_external=True)
