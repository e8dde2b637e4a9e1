"""Where a request comes from, when proxies of ours stand in front and when none does."""

from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.core.config import Settings

NETWORK = 64  # bits: what one household or office is given of the newer addresses, at least


def address() -> str:
    return request.remote_addr or ""


def network() -> str:
    """What a limit counts: an address, or the network of one who could pick another each time."""
    try:
        found = ip_address(address().partition("%")[0])
    except ValueError:
        return address()
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, NETWORK), strict=False))


def fault(settings: Settings) -> str | None:
    """What `portal check` says of the setting: TLS ends in a proxy, so there is one at least."""
    if settings.is_https and not settings.proxies:
        return (
            "PROXIES is 0 though SITE_URL is https: all who come through the proxy count as one "
            "address, and ten wrong passwords lock everybody out; set PROXIES=1"
        )
    return None


def init_app(app: Flask, settings: Settings) -> None:
    """Believe the last hops alone; scheme and host are what SITE_URL says, whoever asks."""
    if settings.proxies:
        hops = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)
        app.wsgi_app = hops  # type: ignore[method-assign]
