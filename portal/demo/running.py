"""`portal run-demo`: Stripe sandbox, mail catcher, worker and web server at once."""

import os
import secrets
import socket
import sys
import time
import urllib.request
from pathlib import Path

from portal.core.supervisor import Supervisor, web_server
from portal.demo import mail_catcher

ACCOUNTS = (
    ("admin", "administrator of the association"),
    ("membership", "staff: members and applications"),
    ("finance", "staff: invoices and payments"),
    ("editor", "staff: the library"),
    ("keyholder", "staff: the library, and who stands behind a pseudonym"),
    ("events", "staff: events"),
    ("policy", "staff: legislation"),
    ("chair", "chair of the policy committee"),
    ("committee", "member of the policy committee, of another firm"),
    ("manager", "roster manager and dues contact of a large provider in Manila"),
    ("person", "ordinary person of the same firm"),
    ("rival", "manager of another provider, in Johannesburg"),
    ("lapsed", "manager of a firm whose membership lapsed, one invoice unpaid"),
    ("returning", "manager of a firm that lapsed a month ago and can come back"),
    ("newcomer", "applicant whose firm is under review, in Kingston"),
)
PASSWORD = "demo-association"  # noqa: S105 - the demo's own, printed at its start
KEYS = {"STRIPE_KEY": "sk_test_sandbox", "STRIPE_WEBHOOK_SECRET": "whsec_sandbox"}


def helper_ports(port: int) -> tuple[int, int]:
    """Where the Stripe sandbox and the mail catcher of the demo on `port` listen.

    Demos on neighbouring ports must not meet, so each helper is a long way off, in steps of one.
    """
    steps = (10_000, 20_000) if port < 2**16 - 20_000 else (-10_000, -20_000)
    return port + steps[0], port + steps[1]


def free_port(neighbours: int = 1) -> int:
    """One that nothing uses, nor its helpers; the next ones too, `neighbours` in all.

    Below those that the system hands out by itself (32,768 and up), where an outgoing connection
    may take any of them between now and then; and none that browsers refuse to open.
    """
    while True:
        port = 7_000 + secrets.randbelow(3_000)
        group = range(port, port + neighbours)
        if not any(map(is_open, (one for near in group for one in (near, *helper_ports(near))))):
            return port


def environment(host: str, port: int, data: Path) -> dict[str, str]:
    """Settings of one demo instance, whose helpers listen on `helper_ports`."""
    stripe, mail = helper_ports(port)
    shown = "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104
    return {
        **os.environ,
        **KEYS,
        "DEMO": "1",
        "HOST": host,
        "PORT": str(port),
        "PORTAL_DATA": str(data),
        "SITE_URL": os.environ.get("SITE_URL") or f"http://{shown}:{port}",
        "SMTP_URL": f"smtp://127.0.0.1:{mail}",
        "MAIL_FROM": "Linehall <portal@demo.example>",
        "STRIPE_URL": f"http://{shown}:{stripe}",
        "PYTHONUNBUFFERED": "1",
    }


def run(host: str, port: int, data: Path) -> int:
    """Serve until a signal comes; 1 when a part died by itself, with a sentence.

    Each part takes a core for seconds to begin: the pages come first, what they talk to after.
    """
    env = environment(host, port, data)
    parts = Supervisor(env)
    parts.listen()
    parts.start("web server", web_server(host, port))
    try:
        _answers(parts, f"http://127.0.0.1:{port}/privacy")
        _start_helpers(parts, host, port, data)
        if _answers(parts, f"http://127.0.0.1:{port}/health") and _listen(parts, port):
            _say_where(env["SITE_URL"])
        died = parts.wait()
    finally:
        parts.stop()
    if died:
        sys.stderr.write(f"The {died} stopped by itself: its last words are above.\n")
    return 1 if died else 0


def _start_helpers(parts: Supervisor, host: str, port: int, data: Path) -> None:
    stripe_port, mail_port = helper_ports(port)
    mail = [sys.executable, "-P", mail_catcher.__file__, "--port", str(mail_port)]
    parts.start("mail catcher", [*mail, "--data", str(data / "mailbox")])
    sandbox = [sys.executable, "-m", "portal.demo.sandbox", "--host", host]
    hook = ["--webhook-url", f"http://127.0.0.1:{port}/webhooks/stripe"]
    secret = ["--webhook-secret", KEYS["STRIPE_WEBHOOK_SECRET"], "--data", str(data / "stripe")]
    now = os.environ.get("PORTAL_NOW")
    moved = ["--now", now] if now else []
    parts.start("Stripe sandbox", [*sandbox, "--port", str(stripe_port), *hook, *secret, *moved])
    parts.start("worker", [str(Path(sys.executable).with_name("portal")), "worker"])


def _answers(parts: Supervisor, url: str) -> bool:
    """Wait until it does; not when a part has died, nor for ever."""
    for _ in range(300):
        if parts.dead:
            return False
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return True
        except OSError:
            time.sleep(0.1)
    return False


def _listen(parts: Supervisor, port: int) -> bool:
    """Wait until the card page and the mail catcher can be reached too."""
    for _ in range(600):
        if parts.dead or all(map(is_open, helper_ports(port))):
            return not parts.dead
        time.sleep(0.1)
    return False


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _say_where(site: str) -> None:
    lines = [
        "",
        f"The portal of the demo association is at {site}",
        f"Mail that it sends: {site}/mailbox/",
        "Card for payments: 4242 4242 4242 4242, any later date, any code.",
        f"Accounts, all with the password {PASSWORD}:",
        *(f"  {name + '@demo.example':26} {words}" for name, words in ACCOUNTS),
        "Ctrl-C stops everything.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
