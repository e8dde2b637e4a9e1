"""Every migration up and down again, on a database of its own, and equal to the models."""

import re
from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError

from portal.core import audit, migrations
from portal.core.db import Model, db
from portal.joining.models import Application
from portal.members.models import Term
from portal.renewals import actions
from portal.renewals.models import Renewal, TermChange
from tests.joining.applying import make_application
from tests.make import NOW, make_association, save
from tests.portals import another_database, another_portal
from tests.renewals.making import fte, make_life

VERSIONS = sorted((migrations.FOLDER / "versions").glob("*.py"))


@pytest.fixture
def empty_portal(settings, database_url, tmp_path):
    """A portal on a database in which nothing is yet."""
    with (
        another_database(database_url, tmp_path) as url,
        another_portal(settings, url, tmp_path / "data") as app,
    ):
        yield app


def tables():
    return set(inspect(db.engine).get_table_names())


def test_versions_are_numbered_without_gaps_and_the_head_file_names_the_last():
    numbers = [re.fullmatch(r"(\d{4})_[a-z0-9_]+", path.stem)[1] for path in VERSIONS]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert migrations.head() == numbers[-1]


def test_each_version_follows_the_one_before_it():
    for number, path in enumerate(VERSIONS, start=1):
        said = re.search(r"^down_revision.*= (.*)$", path.read_text(), re.MULTILINE)[1]
        assert said.strip("\"'") == (f"{number - 1:04}" if number > 1 else "None")


@pytest.mark.filterwarnings("ignore:.*expression-based index '?ix_organizations_by_name")
def test_up_from_nothing_is_what_the_models_say(empty_portal):
    assert tables() == set()
    assert migrations.current() is None
    migrations.upgrade()
    assert migrations.current() == migrations.head()
    db.session.rollback()  # SQLite has one writer, and this session is it
    assert tables() - {"alembic_version"} == set(Model.metadata.tables)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Model.metadata) == []


def test_the_index_of_lists_by_name_is_there(empty_portal):
    """An index of an expression is no part of what is compared above."""
    migrations.upgrade()
    catalog = "sqlite_master" if db.engine.dialect.name == "sqlite" else "pg_class"
    column = "name" if catalog == "sqlite_master" else "relname"
    found = f"SELECT count(*) FROM {catalog} WHERE {column} = 'ix_organizations_by_name'"
    assert db.session.scalar(text(found)) == 1


def checks():
    """Of every table what its checks allow, by their names."""
    asked = inspect(db.engine)
    return {
        (table, one["name"]): re.sub(r"\s+", " ", one["sqltext"])
        for table in Model.metadata.tables for one in asked.get_check_constraints(table)
    }  # fmt: skip


def test_a_migrated_database_allows_what_the_models_allow(empty_portal):
    migrations.upgrade()
    migrated = checks()
    migrations.downgrade("base")
    Model.metadata.create_all(db.engine)
    assert migrated == checks()
    assert "withholding" in migrated["payments", "ck_payments_paymentmethod"]


def test_a_second_upgrade_changes_nothing(empty_portal):
    migrations.upgrade()
    make_association()
    migrations.upgrade()
    assert db.session.scalar(text("SELECT name FROM association")) == "Testhall"


def test_down_again_leaves_no_table_and_up_again_works(empty_portal):
    migrations.upgrade()
    migrations.downgrade("base")
    assert tables() <= {"alembic_version"}
    migrations.upgrade()
    assert migrations.current() == migrations.head()


@pytest.mark.parametrize(
    "change", ["UPDATE audit_events SET verb = 'x'", "DELETE FROM audit_events"]
)
def test_a_migrated_database_refuses_to_change_the_record(empty_portal, change):
    migrations.upgrade()
    audit.record("portal.tested", "test:1")
    db.session.commit()
    with pytest.raises(DatabaseError, match="audit_events is append-only"):
        db.session.execute(text(change))


def test_every_append_only_table_is_guarded_by_the_migrations_too(empty_portal):
    migrations.upgrade()
    listed = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT event_object_table FROM information_schema.triggers",
    }
    found = db.session.scalars(text(listed[db.engine.dialect.name]))
    assert set(found) == set(audit.APPEND_ONLY)


def test_the_record_of_a_migrated_portal_is_whole_and_its_instants_are_aware(empty_portal):
    migrations.upgrade()
    audit.record("portal.tested", "test:1")
    db.session.commit()
    assert db.session.query(audit.AuditEvent).one().at.tzinfo == NOW.tzinfo
    assert list(audit.broken_links()) == []


def test_one_number_of_people_becomes_the_numbers_that_the_tariff_asks_and_back(empty_portal):
    migrations.upgrade()
    make_association()
    term = make_life(start=date(2026, 1, 1), end=date(2026, 12, 31), headcount=40)
    (made,) = actions.change(term, fte(60), "They grew.", None)
    application = make_application()
    db.session.commit()
    kept = term.price_snapshot["metrics"], made.metrics, application.metrics
    numbers = term.id, made.id, application.id
    db.session.close()
    before = next(one.stem[:4] for one in VERSIONS if "numbers_by_name" in one.stem)
    migrations.downgrade(f"{int(before) - 1:04}")
    for table, people in (("term_changes", 60), ("applications", 60)):
        assert db.session.scalar(text(f"SELECT headcount FROM {table}")) == people
    assert '"headcount": "40"' in str(
        db.session.scalar(text("SELECT CAST(price_snapshot AS TEXT) FROM terms"))
    )
    db.session.close()
    migrations.upgrade()
    found = [
        db.session.get(model, number)
        for model, number in zip((Term, TermChange, Application), numbers, strict=True)
    ]
    assert (found[0].price_snapshot["metrics"], found[1].metrics, found[2].metrics) == kept


def test_renewals_from_before_tariffs_were_kept_name_none_and_stay_on_the_way_down(empty_portal):
    migrations.upgrade()
    make_association()
    term = make_life(start=date(2026, 1, 1), end=date(2026, 12, 31))
    renewal = save(Renewal(term=term, opened_at=NOW, tariffs={"2027-01-01": 1}))
    number = renewal.id
    db.session.close()
    migrations.downgrade("0058")
    assert db.session.scalar(text("SELECT id FROM renewals")) == number
    db.session.close()
    migrations.upgrade()
    assert db.session.get(Renewal, number).tariffs == {}
