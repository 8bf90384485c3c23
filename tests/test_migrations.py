"""Every upgrade keeps every row, the tables are those of the models, and a migration that would hurt is refused."""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Connection, Enum, Row, column, func, insert, inspect, select, table, text
from sqlalchemy.types import TypeDecorator, TypeEngine

from app import create_app
from config import ROOT, Settings
from extensions import db
from revisions import NEWER, NOT_UTF8, is_of_models, why_unusable
from server.children import wait_until
from support.servers import PostgresServer
from tests.support.races import waits_for_lock

MIGRATIONS = ROOT / "migrations"
REVISIONS = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
# What rows have that are not made of any values: by table, and for each of its rows.
ROWS: dict[str, list[dict[str, Any]]] = {
    "users": [{"email": "teacher", "role": "teacher"}, {"id": 2, "email": "student", "role": "student"}],
    "gigs": [
        # The assignment takes its one place.
        {
            "status": "published",
            "visibility": "public",
            "enrolment": "booking",
            "duration_minutes": 45,
            "places_taken": 0,
        }
    ],
    "assignments": [{"ended_at": None}],
    "gig_skills": [{"position": 0}, {"position": 1}],
    "bookings": [
        {
            "student_id": 2,
            "requested_by": "student",
            "status": "accepted",
            "ends_at": AT + timedelta(minutes=45),
            "move_starts_at": AT + timedelta(minutes=15),
            "move_ends_at": AT + timedelta(minutes=60),
            "session_id": None,
            "student_alias": None,
        },
        {
            "id": 2,
            "student_id": 2,
            "requested_by": "teacher",
            "status": "cancelled",
            "student_alias": None,
            "ends_at": AT + timedelta(hours=1),
        }
        | dict.fromkeys(("move_starts_at", "move_ends_at", "move_seat", "move_asked_by", "move_asked_at")),
    ],
    # Triggers write these.
    "held_times": [],
    "stale_days": [],
    "stale_months": [],
    "waiting_payments": [],
    "unseen_changes": [{"what": "moved"}],
    "sessions": [
        {"status": "scheduled", "starts_at": AT + timedelta(days=1), "ends_at": AT + timedelta(days=1, hours=1)}
    ],
    "autosaves": [{"gig_id": None}],
    "payment_events": [{"status": "submitted"}, {"id": 2, "status": "verified"}],
    "invoices": [{"number": 1, "line_count": 1, "total_cents": 1, "corrects_id": None}],
    "invoice_lines": [{"position": 1} | dict.fromkeys(("package_id", "lessons", "paid_at"))],
    "package_events": [{"status": "ordered", "refunded_cents": 0}],
    "package_units": [{"released_at": None}],
    "package_payments": [{"needed": True}],
    # Of the payment, not of the price: that would pay back all lessons, and one is taken.
    "package_refunds": [{"payment_id": 1}],
    "checkouts": [{"status": "open", "package_id": None}],
    "packages": [{"lessons": 10}],
    "package_offers": [{"lessons": 10, "withdrawn_at": None}],
    "payment_proofs": [{"media_type": "application/pdf"}],
    "standing_wishes": [{"status": "waiting"}],
    "waitlist_entries": [{"status": "waiting"}],
    "blocks": [{"ends_at": AT + timedelta(hours=1)}],
    "busy_times": [{"ends_at": AT + timedelta(hours=1)}],
    "mails": [{"state": "sent"}],
    "audit_entries": [{"role": "admin", "before": "{}", "after": "{}"}],
    "cache_state": [{"status": "idle"}],
}
# Tables of earlier revisions, and those that have their rows since.
REPLACED = {"availability": "schedules"}
# Columns that a later revision has made rows of another table of.
GONE = {("bookings", "student_alias")}
# What models cannot say: what holds the times of bookings, and keeps them apart, by database.
HOLD = {
    *("bookings_hold_times_on_insert", "bookings_hold_times_on_update"),
    *("sessions_hold_time_on_insert", "sessions_hold_time_on_update", "held_times_fit_session"),
}
LEDGER = (
    *("payments", "payment_events", "refunds", "credit_uses", "credit_notes", "invoices", "invoice_lines"),
    *("packages", "package_events", "package_units", "package_payments", "package_refunds"),
    *("audit_entries", "audit_people"),
)
PACKAGES = {
    *("package_units_released_once", "units_fit_package", "units_not_paid_back", "package_refunds_fit"),
}
DOCUMENTS = {"invoices_without_gap", "invoice_lines_complete"}
EVENTS = ("insert", "update", "delete")
GROW = {f"{name}_only_grow_no_{event}" for name in LEDGER for event in ("update", "delete")} | {"refunds_fit_payment"}
TAKE = {f"assignments_take_places_on_{event}" for event in ("insert", "update", "delete")}
WAITING = {"payments_wait", "payments_decided"}
# What keeps SQLite's table of all words equal to the documents of the search.
INDEX = {f"{name}_on_{event}" for name in ("gig_documents_index", "listed_gigs_title") for event in EVENTS}
# What a search reads of a gig follows what it is counted as, whatever version changes it.
LISTED = {"counted_gigs_leave_list", "counted_gigs_stay_listed"}
# What an amount is added to in the sums of a month.
MONTHS = ("payments", "payment_events", "refunds", "credit_uses", "credit_notes", "package_units")
STALE = {f"{name}_stale_on_{event}" for name in ("bookings", "package_units", "credit_notes") for event in EVENTS}
STALE_MONTH = (
    *(f"bookings_stale_month_on_{event}" for event in EVENTS),
    *(f"{name}_stale_month_on_insert" for name in MONTHS),
    "package_units_stale_month_on_update",
)
GUARDS = {
    "sqlite": HOLD
    | STALE
    | {*STALE_MONTH}
    | TAKE
    | GROW
    | DOCUMENTS
    | PACKAGES
    | INDEX
    | WAITING
    | LISTED
    | {"held_times_no_overlap_on_insert", "held_times_no_overlap_on_update"},
    "postgresql": HOLD
    | WAITING
    | {f"bookings_stale_on_{event}" for event in EVENTS}
    | {f"bookings_stale_month_on_{event}" for event in EVENTS}
    | {f"{name}_stale_month" for name in MONTHS}
    | {"package_units_stale", "credit_notes_stale"}
    | DOCUMENTS
    | PACKAGES
    | LISTED
    | {f"{name}_only_grow" for name in LEDGER}
    | {
        "refunds_fit_payment",
        "assignments_take_places",
        "ex_held_times_student",
        "ex_held_times_teacher_of_gigs",
        "ex_held_times_teacher_of_starts",
    },
}

Rows = dict[str, Sequence[Row[Any]]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def wiped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Flask]]:
    """A function that returns an application whose database, one of each kind, is empty again."""
    folder = tmp_path_factory.mktemp("migrations")
    path = folder / "lectern.db"
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    app = app_on(server.create_database("migrations") if server else f"sqlite:///{path}", folder)

    def wipe() -> Flask:
        with app.app_context():
            db.engine.dispose()
        if server:
            server.create_database("migrations")
        for file in folder.glob("lectern.db*"):
            file.unlink()
        return app

    yield wipe
    wipe()


@pytest.fixture
def empty(wiped: Callable[[], Flask]) -> Iterator[Flask]:
    """An application on an empty database, in its context."""
    app = wiped()
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the migrations, in which a test may write more of them."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def lived_in(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a SQLite file of the newest revision, with rows in every table."""
    app = app_on(sqlite_url, tmp_path)
    with app.app_context():
        with db.engine.begin() as connection:
            fill(connection)
        yield app
        db.engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_upgrade_keeps_every_row(empty: Flask, revision: str) -> None:
    flask_migrate.upgrade(str(MIGRATIONS), revision=revision)
    with db.engine.begin() as connection:
        fill(connection)
        columns = {name: kept_columns_of(connection, name) for name in tables_of(connection)}
        before = read_all(connection, columns)

    flask_migrate.upgrade(str(MIGRATIONS))

    with db.engine.connect() as connection:
        after = read_all(connection, columns)
        assert why_unusable(connection) is None
    assert before == after
    # Some rows go again as soon as others are written.
    assert all(rows for name, rows in before.items() if ROWS.get(name) != [])


def test_bookings_that_were_there_before_hold_their_times(empty: Flask) -> None:
    flask_migrate.upgrade(str(MIGRATIONS), revision="0013")
    with db.engine.begin() as connection:
        fill(connection)

    flask_migrate.upgrade(str(MIGRATIONS))

    with db.engine.connect() as connection:
        held = connection.execute(text("SELECT booking_id, student_id, teacher_id, seat, holder FROM held_times")).all()
    assert held == [(1, 2, 1, 1, 1)]


def test_a_stranger_under_a_typed_name_gets_a_stand_in(empty: Flask) -> None:
    flask_migrate.upgrade(str(MIGRATIONS), revision="0023")
    with db.engine.begin() as connection:
        fill(connection)
        connection.execute(text("UPDATE bookings SET student_alias = 'Mary S.' WHERE id = 1"))
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval(pg_get_serial_sequence('users', 'id'), 100)"))

    flask_migrate.upgrade(str(MIGRATIONS))

    with db.engine.connect() as connection:
        query = "SELECT name, invitations.email FROM users JOIN invitations ON invitations.user_id = users.id"
        named = connection.execute(text(f"{query} JOIN bookings ON student_id = users.id WHERE bookings.id = 1")).all()
        students = connection.execute(text("SELECT student_id FROM bookings ORDER BY id")).scalars().all()
    assert named == [("Mary S.", "student")]
    assert students[1] == 2


def test_the_tables_are_those_of_the_models(empty: Flask) -> None:
    flask_migrate.upgrade(str(MIGRATIONS))

    with db.engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"include_name": is_of_models}), db.metadata
        )
        assert guards_of(connection) == GUARDS[connection.dialect.name]

    assert differences == []


def test_machines_that_start_together_on_an_empty_database_all_succeed(empty: Flask, tmp_path: Path) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    fork = multiprocessing.get_context("fork")
    together = fork.Barrier(4)
    machines = [fork.Process(target=migrate_as_a_machine, args=(url, tmp_path, together)) for _ in range(4)]

    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join(60)

    assert [machine.exitcode for machine in machines] == [0, 0, 0, 0]
    with db.engine.connect() as connection:
        assert why_unusable(connection) is None


def test_a_table_that_is_written_anew_takes_nothing_with_it(lived_in: Flask, copied: Path) -> None:
    add(copied, 'with op.batch_alter_table("gigs") as gigs:\n        gigs.alter_column("summary", type_=sa.Text())')
    before = counts()

    flask_migrate.upgrade(str(copied))

    assert counts() == before
    assert before["gig_skills"] > 0


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ('op.execute("DELETE FROM gigs")', "rows refer to rows that do not exist"),
        (
            'with op.batch_alter_table("bookings") as bookings:\n'
            '        bookings.alter_column("note", type_=sa.String(9000))',
            "These triggers got lost: bookings_hold_times_on_insert, bookings_hold_times_on_update",
        ),
    ],
    ids=["rows", "triggers"],
)
def test_a_migration_that_would_hurt_changes_nothing(
    lived_in: Flask, copied: Path, caplog: pytest.LogCaptureFixture, step: str, sentence: str
) -> None:
    add(copied, step)
    before = counts()

    with pytest.raises(SystemExit):
        flask_migrate.upgrade(str(copied))

    assert sentence in caplog.text
    assert counts() == before
    with db.engine.connect() as connection:
        assert guards_of(connection) == GUARDS["sqlite"]
        assert why_unusable(connection) is None


@pytest.mark.parametrize("how", [flask_migrate.revision, flask_migrate.migrate], ids=["by hand", "autogenerated"])
def test_a_new_migration_gets_the_next_number_and_the_houses_form(
    lived_in: Flask, copied: Path, how: Callable[..., None]
) -> None:
    number = f"{int(REVISIONS[-1]) + 1:04d}"

    how(str(copied), message="Colours of gigs")

    made = copied / "versions" / f"{number}_colours_of_gigs.py"
    written = made.read_text()
    assert f'revision = "{number}"\ndown_revision = "{REVISIONS[-1]}"\n' in written
    assert written.startswith(f'"""Colours of gigs.\n\nRevision ID: {number}\n"""\n')
    assert written.endswith("def upgrade():\n    pass\n")
    flask_migrate.upgrade(str(copied))


def test_autogenerated_steps_are_written_in_the_houses_form(lived_in: Flask, copied: Path) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_bookings_move"))
        connection.execute(text("ALTER TABLE bookings DROP COLUMN fee_since"))

    flask_migrate.migrate(str(copied), message="What was lost")

    made = max((copied / "versions").glob("*.py"))
    assert made.read_text().endswith(
        "def upgrade():\n"
        '    op.add_column("bookings", sa.Column("fee_since", sa.DateTime(timezone=True), nullable=True))\n'
        "    op.create_index(\n"
        '        "ix_bookings_move",\n'
        '        "bookings",\n'
        '        ["move_starts_at"],\n'
        "        unique=False,\n"
        '        sqlite_where=sa.text("move_starts_at IS NOT NULL"),\n'
        '        postgresql_where=sa.text("move_starts_at IS NOT NULL"),\n'
        "    )\n"
    )
    subprocess.run((sys.executable, "-m", "ruff", "check", "--ignore", "N,D", made), cwd=ROOT, check=True)
    flask_migrate.upgrade(str(copied))


def test_a_database_of_a_newer_lectern_is_refused_in_one_sentence(
    lived_in: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SystemExit):
        flask_migrate.upgrade(str(MIGRATIONS))

    assert NEWER in caplog.text
    assert "Traceback" not in caplog.text


def test_who_uses_a_table_that_is_migrated_waits_a_moment_and_no_longer(
    postgres_server: PostgresServer, tmp_path: Path, copied: Path
) -> None:
    app = app_on(postgres_server.create_database("in_use"), tmp_path)
    add(copied, 'op.add_column("bookings", sa.Column("colour", sa.Text()))')
    question = text("SELECT count(*) FROM bookings")

    def migrate() -> None:
        with app.app_context():
            flask_migrate.upgrade(str(copied))

    with app.app_context(), ThreadPoolExecutor(1) as pool, db.engine.connect() as first:
        flask_migrate.upgrade(str(MIGRATIONS))
        first.execute(question)
        migrated = pool.submit(migrate)
        with db.engine.connect() as second:
            second.execute(text("SET statement_timeout = 10000"))
            for _ in range(3):
                assert wait_until(lambda: waits_for_lock(app), seconds=20)
                # Without letting go the migration would keep it waiting until the first one ends.
                second.execute(question)
                second.rollback()
        first.rollback()
        migrated.result(60)

        assert "colour" in {found["name"] for found in inspect(db.engine).get_columns("bookings")}
        db.engine.dispose()


def test_a_database_in_another_encoding_is_refused_in_one_sentence(
    postgres_server: PostgresServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgres_server.create_database("bytes")
    postgres_server.drop_database("bytes")
    postgres_server.execute("CREATE DATABASE {} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'", "bytes")

    with app_on(url, tmp_path).app_context(), pytest.raises(SystemExit):
        flask_migrate.upgrade(str(MIGRATIONS))

    assert NOT_UTF8.format("SQL_ASCII") in caplog.text
    assert "Traceback" not in caplog.text


def app_on(url: str, instance: Path) -> Flask:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = Settings(
        instance=instance, database_url=url, redis_url="unix:///nowhere", secret_key="x" * 16, cache_type="NullCache"
    )
    return create_app(settings)


def migrate_as_a_machine(url: str, instance: Path, together: Barrier) -> None:
    """Upgrade from a process of one's own, when the others are as far."""
    with app_on(url, instance).app_context():
        together.wait(30)
        flask_migrate.upgrade(str(MIGRATIONS))


def add(migrations: Path, step: str) -> None:
    """Write one more migration."""
    number = f"{int(REVISIONS[-1]) + 1:04d}"
    (migrations / "versions" / f"{number}_planted.py").write_text(
        f'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "{number}"\n'
        f'down_revision = "{REVISIONS[-1]}"\n\n\ndef upgrade():\n    {step}\n'
    )


def tables_of(connection: Connection) -> list[str]:
    there = inspect(connection).get_table_names()
    return [known.name for known in db.metadata.sorted_tables if known.name in there]


def columns_of(connection: Connection, name: str) -> list[str]:
    return [found["name"] for found in inspect(connection).get_columns(name)]


def kept_columns_of(connection: Connection, name: str) -> list[str]:
    return [it for it in columns_of(connection, name) if (name, it) not in GONE]


def fill(connection: Connection) -> None:
    """Write rows into every table that this revision has, with a value in every column."""
    names = tables_of(connection)
    for name in reversed(names):
        connection.execute(text(f"DELETE FROM {name}"))
    for name in names:
        found_there = inspect(connection).get_columns(name)
        # What the database makes of other columns nobody can write.
        there = {found["name"]: found["type"] for found in found_there if "computed" not in found}
        known = db.metadata.tables[REPLACED.get(name, name)].columns
        types = {it: known[it].type if it in known else there[it] for it in there}
        target = table(name, *(column(it, kind) for it, kind in types.items()))
        for given in ROWS.get(name, [{}]):
            row = {it: a_value(kind) for it, kind in types.items()} | given
            connection.execute(insert(target).values({it: row[it] for it in there}))


def a_value(kind: TypeEngine[Any]) -> Any:
    """A value of this type; 1 is also the id of what there is in every table."""
    if isinstance(kind, Enum):
        return kind.enums[0]
    python_type = (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type
    return {int: 1, float: 1.0, str: "1", bytes: b"1", bool: True, datetime: AT, date: AT.date(), object: {}}[
        python_type
    ]


def read_all(connection: Connection, columns: dict[str, list[str]] | None = None) -> Rows:
    found, there = {}, tables_of(connection)
    for name in columns or tables_of(connection):
        model = db.metadata.tables[REPLACED.get(name, name)]
        wanted = [model.c[it] for it in columns[name]] if columns else list(model.c)
        stored = table(name if name in there else model.name, *(column(it.name, it.type) for it in wanted))
        order = [stored.c[key.name] for key in model.primary_key if key in wanted]
        found[name] = connection.execute(select(stored).order_by(*order)).all()
    return found


def counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table(name))) or 0
            for name in tables_of(connection)
        }


def guards_of(connection: Connection) -> set[str]:
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT conname FROM pg_constraint WHERE contype = 'x' "
        "UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.dialect.name]
    return set(connection.execute(text(query)).scalars())
