"""Does an address on the web answer? Asked politely, and never of a machine that is not public."""

import http.client
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import SplitResult, quote, urljoin, urlsplit

CONNECTING = 5  # seconds for an address of the host, of which two are tried
WHOLE = 15  # seconds for a request, however slowly its answer drips
MOST_MOVES = 4
PORTS = {"http": 80, "https": 443}
MOVED = {301, 302, 303, 307, 308}
GUARDED = {401, 403, 405, 406, 429, 451}  # it is there, but not for a machine that asks
TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 behind NAT64 (RFC 6052)
SAFE = "/%:@!$&'()*+,;=~-._"
HEADERS = {"User-Agent": "member-portal-link-check", "Accept": "*/*", "Connection": "close"}

Guard = Callable[[str], bool]


@dataclass(frozen=True)
class Answer:
    """`works` says whether a reader can follow the address, `words` what it answered."""

    works: bool
    words: str


class Unreachable(Exception):
    """In words, why there was no answer."""


def is_public(address: str) -> bool:
    """A numeric address of the open internet, which hides no other one within it."""
    one = ip_address(address)
    if isinstance(one, IPv6Address) and (
        one.ipv4_mapped or one.sixtofour or one.teredo or one in TRANSLATED
    ):
        return False
    return one.is_global and not one.is_multicast


def probe(url: str, may_reach: Guard = is_public) -> Answer:
    """HEAD, then GET where that is refused, along at most four moves.

    Each host's addresses are looked up once, held against `may_reach`, and connected to as they
    are: a name cannot change its mind between the check and the connection.
    """
    try:
        for _ in range(MOST_MOVES + 1):
            status, there = _head_or_get(url, may_reach)
            if status not in MOVED or not there:
                return Answer(status < 400 or status in GUARDED, _in_words(status))
            url = _moved(url, there)
    except Unreachable as fault:
        return Answer(works=False, words=str(fault))
    return Answer(works=False, words=f"sends on more than {MOST_MOVES} times")


def _moved(url: str, there: str) -> str:
    try:
        return urljoin(url, there)
    except ValueError:
        raise Unreachable("sends on to what is no address") from None


def _in_words(status: int) -> str:
    known = status in set(HTTPStatus)
    return f"{status} {HTTPStatus(status).phrase}" if known else str(status)


def _head_or_get(url: str, may_reach: Guard) -> tuple[int, str]:
    """Servers that know no HEAD refuse it, or hang up."""
    with suppress(http.client.HTTPException, ConnectionResetError):
        status, there = _ask("HEAD", url, may_reach)
        if status < 400:
            return status, there
    try:
        return _ask("GET", url, may_reach)
    except (http.client.HTTPException, ConnectionResetError):
        raise Unreachable("hangs up without an answer") from None


def _ask(method: str, url: str, may_reach: Guard) -> tuple[int, str]:
    """The status, and where it sends on to; the body stays unread."""
    parts, port = _parts(url)
    host = str(parts.hostname)
    try:
        with _connected(_addresses(host, port, may_reach), port) as plain:
            return _answer(method, parts, plain)
    except TimeoutError:
        raise Unreachable("did not answer in time") from None
    except ssl.SSLError:
        raise Unreachable("has no valid certificate") from None
    except ConnectionResetError:
        raise
    except OSError:
        raise Unreachable("could not be connected to") from None


def _parts(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        (parts.hostname or "").encode("idna")
    except (ValueError, KeyError):
        raise Unreachable("is no address of the web") from None
    if not parts.hostname:
        raise Unreachable("is no address of the web")
    return parts, port


def _addresses(host: str, port: int, may_reach: Guard) -> list[str]:
    """Those that the name has; one that may not be reached bars them all."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("there is no such host") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not all(map(may_reach, addresses)):
        raise Unreachable("leads to a machine that is not on the public internet")
    return addresses[:2]


def _connected(addresses: list[str], port: int) -> socket.socket:
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=CONNECTING)
    return socket.create_connection((addresses[-1], port), timeout=CONNECTING)


def _answer(method: str, parts: SplitResult, plain: socket.socket) -> tuple[int, str]:
    host = str(parts.hostname).encode("idna").decode()
    wire = plain
    if parts.scheme == "https":
        context = ssl.create_default_context()
        wire = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    stop = Timer(WHOLE, _hang_up, [wire])
    stop.start()
    connection = http.client.HTTPConnection(host, PORTS["http"])
    connection.sock = wire
    try:
        if isinstance(wire, ssl.SSLSocket):
            wire.do_handshake()
        netloc = parts.netloc.rpartition("@")[2].replace(str(parts.hostname), host)
        connection.request(method, _target(parts), headers={**HEADERS, "Host": netloc})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location", "")
    finally:
        stop.cancel()
        connection.close()
        wire.close()


def _hang_up(wire: socket.socket) -> None:
    """From another thread; below TLS, whose own state is not touched."""
    with suppress(OSError):
        socket.socket.shutdown(wire, socket.SHUT_RDWR)


def _target(parts: SplitResult) -> str:
    query = f"?{quote(parts.query, safe=SAFE + '?')}" if parts.query else ""
    return (quote(parts.path, safe=SAFE) or "/") + query
