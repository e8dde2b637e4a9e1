"""Settings: a missing or absurd one stops the app with its name and an example."""

from datetime import UTC, datetime

import pytest

from portal.core.config import BadSetting, Settings

REAL = {
    "SECRET_KEY": "s" * 32, "SITE_URL": "https://portal.example.org", "STRIPE_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1,whsec_2", "PORTAL_DATA": "/srv/portal", "PORT": "8000",
}  # fmt: skip


def test_a_real_portal_reads_what_it_was_given():
    found = Settings.from_environment(REAL)
    assert found.cookie_name == "__Host-portal"
    assert found.is_https
    assert found.port == 8000
    assert found.database_url == "sqlite:////srv/portal/portal.db"
    assert found.stripe_webhook_secrets == ("whsec_1", "whsec_2")
    assert found.staff_second_factor == "required"
    assert found.proxies == 0
    assert found.for_flask()["SESSION_COOKIE_SECURE"] is True
    assert not found.demo


@pytest.mark.parametrize(
    ("change", "name", "example"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY", "token_hex"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY", "32"),
        ({"SITE_URL": "portal.example.org"}, "SITE_URL", "https://"),
        ({"SITE_URL": "ftp://portal.example.org"}, "SITE_URL", "https://"),
        ({"SITE_URL": "https://portal.example.org/members"}, "SITE_URL", "no path"),
        ({"PORT": "many"}, "PORT", "5000"),
        ({"PROXIES": "-1"}, "PROXIES", "like 1"),
        ({"PROXIES": "10"}, "PROXIES", "0 to 9"),
        ({"PROXIES": "10.0.0.1"}, "PROXIES", "whole number"),
        ({"STAFF_SECOND_FACTOR": "perhaps"}, "STAFF_SECOND_FACTOR", "required"),
        ({"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET", "whsec_"),
        (
            {"STRIPE_KEY": "sk_live_1", "STRIPE_URL": "http://127.0.0.1:1"},
            "STRIPE_KEY", "STRIPE_URL",
        ),
        ({"PORTAL_NOW": "2026-11-22T09:00:00Z"}, "PORTAL_NOW", "demo"),
        ({"DEMO": "1", "PORTAL_NOW": "yesterday"}, "PORTAL_NOW", "2026-11-22T09:00:00Z"),
        ({"DEMO": "1", "PORTAL_NOW": "2026-11-22T09:00:00"}, "PORTAL_NOW", "zone"),
        ({"SEARCH_ENGINE": "grep"}, "SEARCH_ENGINE", "whoosh"),
        ({"SEARCH_ENGINE": "postgres"}, "SEARCH_ENGINE=postgres", "postgresql+psycopg://"),
        ({"REDIS_URL": "redis://x"}, "REDIS_URL", "leave it out"),
        ({"JOBS_URL": "redis://x"}, "JOBS_URL", "sqlite:////run/portal/huey.db"),
    ],
)  # fmt: skip
def test_an_absurd_setting_is_named_with_what_to_do(change, name, example):
    with pytest.raises(BadSetting) as refused:
        Settings.from_environment(REAL | change)
    assert name in str(refused.value)
    assert example in str(refused.value)


def test_only_the_demo_has_a_secret_of_its_own_and_a_clock_that_moves():
    found = Settings.from_environment({"DEMO": "1", "PORTAL_NOW": "2026-11-22T09:00:00Z"})
    assert len(found.secret_key) == 32
    assert found.starts_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert found.staff_second_factor == "optional"


def test_cookies_of_two_portals_on_one_machine_are_apart():
    names = {Settings.from_environment({"DEMO": "1", "PORT": port}).cookie_name
             for port in ("5000", "5001")}  # fmt: skip
    assert len(names) == 2


def test_postgresql_gets_a_pool():
    found = Settings.from_environment(REAL | {"DATABASE_URL": "postgresql+psycopg://x/y"})
    assert found.for_flask()["SQLALCHEMY_ENGINES"]["default"]["pool_pre_ping"] is True
