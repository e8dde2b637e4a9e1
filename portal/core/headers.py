"""What every response carries: security headers, caching, compression."""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
from flask import Flask, Response, current_app, request, url_for
from flask_login import current_user

from portal.core.config import STRIPE, Settings

SMALLEST = 600  # bytes; under this compression does not pay
COMPRESSED = {
    "text/html", "text/css", "text/javascript", "text/plain", "text/calendar", "text/csv",
    "application/json", "image/svg+xml",
}  # fmt: skip


def policy(settings: Settings) -> str:
    """Nothing inline, nothing from elsewhere; forms may lead on to the payment page."""
    pay = "https://checkout.stripe.com"
    if settings.stripe_url != STRIPE:
        site = urlsplit(settings.stripe_url)
        pay = f"{site.scheme}://{site.netloc}"
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "form-action": f"'self' {pay}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def static_url(filename: str) -> str:
    """A static file's address with its content's mark, so that it can be cached for a year."""
    return url_for("static", filename=filename, v=_mark(current_app.static_folder, filename))


@cache
def _mark(folder: str | None, filename: str) -> str:
    return hashlib.sha256((Path(folder or "") / filename).read_bytes()).hexdigest()[:10]


@cache
def _packed(body: bytes, how: str, quality: int) -> bytes:
    return brotli.compress(body, quality=quality) if how == "br" else gzip.compress(body, 6)


def compress(response: Response) -> Response:
    accepts = request.headers.get("Accept-Encoding", "")
    how = "br" if "br" in accepts else "gzip" if "gzip" in accepts else ""
    fits = response.mimetype in COMPRESSED and response.status_code not in {204, 206, 304}
    if not fits or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if not how or request.method == "HEAD":
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    is_static = request.endpoint == "static"
    packed = _packed(body, how, 11) if is_static else _packed.__wrapped__(body, how, 4)
    response.set_data(packed)
    response.headers["Content-Encoding"] = how
    return response


def init_app(app: Flask, settings: Settings) -> None:
    app.jinja_env.globals["static_url"] = static_url
    fixed = {
        "Content-Security-Policy": policy(settings),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
        "X-Frame-Options": "DENY",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    }

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        if "token" in (request.view_args or {}):
            response.headers["Referrer-Policy"] = "no-referrer"
        _say_how_long_it_keeps(response)
        return compress(response)


def _say_how_long_it_keeps(response: Response) -> None:
    if request.endpoint == "static":
        if "v" in request.args and response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers["Cache-Control"] = "public, max-age=300"
        return
    user: Any = current_user
    is_private = bool(user) and user.is_authenticated
    response.headers.setdefault("Cache-Control", "no-store" if is_private else "no-cache, private")
