"""`portal run-demo`: Stripe sandbox, mail catcher, worker and web server at once."""

import os
import sys
import time
import urllib.request
from pathlib import Path

from portal.core.supervisor import Supervisor

ACCOUNTS = (
    ("admin", "administrator of the association"),
    ("membership", "staff: members and applications"),
    ("finance", "staff: invoices and payments"),
    ("editor", "staff: the library"),
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
    """Serve until a signal comes; 1 when a part died by itself, with a sentence."""
    env = environment(host, port, data)
    portal, python = str(Path(sys.executable).with_name("portal")), sys.executable
    stripe_port, mail_port = helper_ports(port)
    parts = Supervisor(env)
    parts.listen()
    sandbox = [python, "-m", "portal.demo.sandbox", "--host", host, "--port", str(stripe_port)]
    hook = f"http://127.0.0.1:{port}/webhooks/stripe"
    secret = KEYS["STRIPE_WEBHOOK_SECRET"]
    hooks = ["--webhook-url", hook, "--webhook-secret", secret, "--data", str(data / "stripe")]
    moved = ["--now", env["PORTAL_NOW"]] if env.get("PORTAL_NOW") else []
    parts.start("Stripe sandbox", [*sandbox, *hooks, *moved])
    mail = [python, "-m", "portal.demo.mail_catcher", "--port", str(mail_port)]
    parts.start("mail catcher", [*mail, "--data", str(data / "mailbox")])
    parts.start("worker", [portal, "worker"])
    parts.start("web server", [portal, "serve"])
    try:
        if _answers(f"http://127.0.0.1:{port}/health"):
            _say_where(env["SITE_URL"])
        died = parts.wait()
    finally:
        parts.stop()
    if died:
        sys.stderr.write(f"The {died} stopped by itself: its last words are above.\n")
    return 1 if died else 0


def _answers(url: str) -> bool:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return True
        except OSError:
            time.sleep(0.1)
    return False


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
