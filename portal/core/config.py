"""Settings: read once from the environment, before the app starts."""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

STRIPE = "https://api.stripe.com"
DAY = 24 * 3600
IN_A_FILE = "sqlite:////"
MOST_PROXIES = 9  # nobody has more in front; believing a hop too many is believing a stranger


class BadSetting(Exception):
    """A setting that is missing or absurd; the text names it and gives an example."""


@dataclass(frozen=True)
class Settings:
    """Everything an operator decides; what an officer may change is in the database."""

    secret_key: str
    site_url: str
    data: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 5000
    proxies: int = 0  # how many of ours stand in front: that many hops are believed, no more
    smtp_url: str = "smtp://localhost:25"
    mail_from: str = "portal@example.org"
    stripe_key: str = ""
    stripe_url: str = STRIPE
    stripe_webhook_secrets: tuple[str, ...] = field(default=())
    staff_second_factor: str = "required"
    search_engine: str = "whoosh"
    demo: bool = False
    identity_keys: tuple[str, ...] = field(default=())  # none: the secret key serves
    jobs_url: str = ""  # none: a file under `data`
    machine: str = field(default_factory=socket.gethostname)
    starts_at: datetime | None = None
    testing: bool = False

    def __post_init__(self) -> None:
        self._engines_that_are_here()
        self._so_many_proxies_as_can_be()
        site = urlsplit(self.site_url)
        if site.scheme not in {"http", "https"} or not site.hostname or site.path not in {"", "/"}:
            raise BadSetting("SITE_URL must be like https://portal.example.org, with no path.")
        if len(self.secret_key) < 32 and not (self.demo or self.testing):
            raise BadSetting(
                "SECRET_KEY needs 32 characters or more: "
                "python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        if any(len(one) < 32 for one in self.identity_keys):
            raise BadSetting(
                "IDENTITY_KEY needs 32 characters or more: "
                "python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        if self.staff_second_factor not in {"required", "optional"}:
            raise BadSetting("STAFF_SECOND_FACTOR must be required or optional.")
        if "_live_" in self.stripe_key and self.stripe_url != STRIPE:
            raise BadSetting("STRIPE_KEY is a live key: STRIPE_URL must then be left out.")
        if self.stripe_key and not self.stripe_webhook_secrets:
            raise BadSetting("STRIPE_WEBHOOK_SECRET is missing: Stripe shows it, like whsec_….")
        if self.starts_at and not (self.demo or self.testing):
            raise BadSetting("PORTAL_NOW moves the clock: only the demo and tests may set it.")

    @property
    def jobs_file(self) -> Path:
        """By which the processes of one machine wake one another; no two machines share it."""
        if self.jobs_url:
            return Path(self.jobs_url.removeprefix(IN_A_FILE[:-1]))
        if self.database_url.startswith("sqlite"):  # then there is only this machine
            return self.data / "huey.db"
        return self.data / f"huey-{re.sub(r'[^A-Za-z0-9.-]', '-', self.machine)}.db"

    def _so_many_proxies_as_can_be(self) -> None:
        if not 0 <= self.proxies <= MOST_PROXIES:
            raise BadSetting(
                f"PROXIES must be the number of reverse proxies in front, 0 to {MOST_PROXIES}, "
                "like 1."
            )

    def _engines_that_are_here(self) -> None:
        if self.jobs_url and not self.jobs_url.startswith(IN_A_FILE):
            raise BadSetting("JOBS_URL must be like sqlite:////run/portal/huey.db, a local file.")
        if self.search_engine not in {"whoosh", "postgres"}:
            raise BadSetting("SEARCH_ENGINE must be whoosh or postgres.")
        if self.search_engine == "postgres" and not self.database_url.startswith("postgresql"):
            raise BadSetting(
                "SEARCH_ENGINE=postgres searches in the portal's database: DATABASE_URL must then "
                "be like postgresql+psycopg://portal@localhost/portal."
            )

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None) -> Self:
        """Raises `BadSetting`: no secret has a default outside the demo."""
        env = os.environ if env is None else env
        _refuse_what_is_not_here(env)
        data = Path(env.get("PORTAL_DATA", "var")).resolve()
        demo = env.get("DEMO") == "1"
        return cls(
            secret_key=env.get("SECRET_KEY") or ("demo" * 8 if demo else ""),
            site_url=env.get("SITE_URL", "http://127.0.0.1:5000").rstrip("/"),
            data=data,
            database_url=env.get("DATABASE_URL") or f"sqlite:///{data / 'portal.db'}",
            host=env.get("HOST", cls.host),
            port=_whole_number(env, "PORT", cls.port),
            proxies=_whole_number(env, "PROXIES", cls.proxies),
            smtp_url=env.get("SMTP_URL", cls.smtp_url),
            mail_from=env.get("MAIL_FROM", cls.mail_from),
            stripe_key=env.get("STRIPE_KEY", ""),
            stripe_url=env.get("STRIPE_URL", STRIPE).rstrip("/"),
            stripe_webhook_secrets=tuple(
                filter(None, env.get("STRIPE_WEBHOOK_SECRET", "").split(","))
            ),
            identity_keys=tuple(filter(None, env.get("IDENTITY_KEY", "").split(","))),
            staff_second_factor=env.get(
                "STAFF_SECOND_FACTOR", "optional" if demo else cls.staff_second_factor
            ),
            search_engine=env.get("SEARCH_ENGINE") or cls.search_engine,
            jobs_url=env.get("JOBS_URL", ""),
            demo=demo,
            starts_at=_instant(env, "PORTAL_NOW"),
        )

    @property
    def is_https(self) -> bool:
        return self.site_url.startswith("https:")

    @property
    def cookie_name(self) -> str:
        """Bound to this host over https; over http apart by port, as cookies are not."""
        return "__Host-portal" if self.is_https else f"portal_{self.port}"

    def for_flask(self) -> dict[str, object]:
        engine: dict[str, object] = {"url": self.database_url}
        if not self.database_url.startswith("sqlite"):
            engine |= {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 24}
            engine["pool_use_lifo"] = True  # few connections that have much prepared, not many
        return {
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_ENGINES": {"default": engine},
            "SESSION_COOKIE_NAME": self.cookie_name,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.is_https,
            "SESSION_REFRESH_EACH_REQUEST": False,
            "PERMANENT_SESSION_LIFETIME": 30 * DAY,
            "MAX_CONTENT_LENGTH": 12 * 2**20,
            "MAX_FORM_MEMORY_SIZE": 2**20,
            "MAX_FORM_PARTS": 1000,
            "SEND_FILE_MAX_AGE_DEFAULT": 365 * DAY,
            "WTF_CSRF_TIME_LIMIT": 12 * 3600,
            "WTF_CSRF_SSL_STRICT": False,  # Referer is not sent across origins; the token is ours
            "TESTING": self.testing,
        }


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(env.get(name) or default)
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, like {default}.") from None


def _instant(env: Mapping[str, str], name: str) -> datetime | None:
    if not env.get(name):
        return None
    try:
        found = datetime.fromisoformat(env[name])
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadSetting(f"{name} must be an instant with its zone, like 2026-11-22T09:00:00Z.")
    return found


def _refuse_what_is_not_here(env: Mapping[str, str]) -> None:
    for name in ("REDIS_URL", "FILES_URL"):
        if env.get(name):
            raise BadSetting(f"{name} is not understood by this version: leave it out.")
