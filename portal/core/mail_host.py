"""The mail server that SMTP_URL names, opened as it says: plain, with TLS, or moving to it."""

import smtplib
import ssl
from urllib.parse import unquote, urlsplit


def open_host(address: str, timeout: float) -> smtplib.SMTP:
    """Raises what `smtplib` and `ssl` raise, also for a certificate that nobody vouches for."""
    url = urlsplit(address)
    name, port = url.hostname or "localhost", url.port or 25
    known = ssl.create_default_context()  # smtplib's own believes every certificate
    if url.scheme == "smtps":
        host: smtplib.SMTP = smtplib.SMTP_SSL(name, port, timeout=timeout, context=known)
    else:
        host = smtplib.SMTP(name, port, timeout=timeout)
    if url.scheme == "smtp+starttls":
        host.starttls(context=known)
    if url.username:
        host.login(unquote(url.username), unquote(url.password or ""))
    return host
