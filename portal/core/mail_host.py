"""The mail server that SMTP_URL names, opened as it says: plain, with TLS, or moving to it."""

import smtplib
import ssl
from urllib.parse import unquote, urlsplit


def open_host(address: str, timeout: float) -> smtplib.SMTP:
    """Raises what `smtplib` and `ssl` raise, also for a certificate that nobody vouches for."""
    url = urlsplit(address)
    name, port = url.hostname or "localhost", url.port or 25
    if url.scheme == "smtps":
        host: smtplib.SMTP = smtplib.SMTP_SSL(name, port, timeout=timeout, context=_vouched_for())
    else:
        host = smtplib.SMTP(name, port, timeout=timeout)
    if url.scheme == "smtp+starttls":
        host.starttls(context=_vouched_for())
    if url.username:
        host.login(unquote(url.username), unquote(url.password or ""))
    return host


def _vouched_for() -> ssl.SSLContext:
    """smtplib's own context believes every certificate."""
    return ssl.create_default_context()
