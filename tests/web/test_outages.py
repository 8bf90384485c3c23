"""A database that is away, frozen, full or read-only refuses kindly, hits go on, and nothing is left behind."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError, ProgrammingError

import connections
import outages
import postgresql
from database import reading
from errors import Unavailable
from extensions import db
from jobs import lanes
from jobs.registry import Handler
from jobs.runner import Runner
from outages import State, Trouble, Watch, trouble_of
from server.children import wait_until
from support.servers import PostgresServer
from support.unavailable import Unavailable as Missing
from tests.conftest import _migrate
from tests.jobs.conftest import Work
from tests.support.left_out import leave_out
from tests.support.world import World


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server that the tests of this module may mistreat, as long as they make it well again."""
    try:
        server = PostgresServer(own=True)
        with server:
            yield server
    except Missing as reason:
        leave_out(reason)


@pytest.fixture(scope="module")
def migrated_url(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = postgres.create_database("outages")
    _migrate(url, tmp_path_factory.mktemp("outages"))
    return url


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose patience with the database sooner than in production."""
    monkeypatch.setattr(postgresql, "PING_SECONDS", 0.2)
    monkeypatch.setattr(postgresql, "DOUBT_SECONDS", 0.1)
    monkeypatch.setattr(outages, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(outages, "LONGEST_PAUSE_SECONDS", 0.1)


def watch_of(app: Flask) -> Watch:
    return app.extensions[outages.EXTENSION]


def is_well(app: Flask) -> bool:
    return wait_until(lambda: app.test_client().get("/health").json["database"] == "ok", seconds=30)


def lines_about_the_database(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


class TestOnPostgreSQL:
    @pytest.fixture
    def database_url(self, migrated_url: str) -> str:
        return migrated_url

    @pytest.mark.middleware_not_compared
    def test_hits_go_on_while_it_is_frozen_and_all_else_is_refused(
        self, app: Flask, world: World, postgres: PostgresServer
    ) -> None:
        student, client = world.student(), world.anyone
        for _ in range(2):
            student.get("/api/bookings")
            client.get("/api/gigs")

        with postgres.frozen():
            missed = student.get("/api/bookings?limit=7")
            hits = [student.get("/api/bookings"), client.get("/api/gigs")]
            health = client.get("/health")
            page, change = client.get("/teachers/1"), student.patch("/api/users/me", {"name": "Never"})

        assert missed.status_code == 503
        assert missed.headers["Retry-After"] == "5"
        assert missed.json["type"] == "/problems/unavailable"
        assert [(hit.status_code, hit.headers["X-Cache"]) for hit in hits] == [(200, "HIT"), (200, "HIT")]
        assert (health.status_code, health.json["status"], health.json["database"]) == (503, "down", "down")
        assert (page.status_code, change.status_code) == (503, 503)
        assert "This is not possible at the moment" in page.text
        assert is_well(app)
        assert student.get("/api/users/me").json["name"] == student.name

    def test_health_finds_out_by_itself_that_it_is_frozen(
        self, app: Flask, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outages, "PROBE_SECONDS", 0.2)

        with postgres.frozen():
            answer = app.test_client().get("/health")

        assert (answer.status_code, answer.json["database"]) == (503, "down")
        assert is_well(app)

    def test_the_log_says_once_that_it_is_away_and_once_that_it_is_back(
        self, app: Flask, world: World, postgres: PostgresServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        student = world.student()

        with postgres.away():
            answers = [student.get(f"/api/bookings?limit={limit}") for limit in range(1, 40)]
            vera = {"name": "Vera", "email": "vera.secret@example.org", "role": "student", "time_zone": "UTC"}
            answers.append(world.anyone.post("/api/auth/register", json=vera | {"password": "correct horse battery"}))
        assert is_well(app)

        assert {answer.status_code for answer in answers} == {503}
        said = lines_about_the_database(caplog)
        assert len(said) == 2
        assert said[0].startswith("The database is away")
        assert said[1] == "The database is back."
        assert "vera.secret" not in caplog.text
        assert "Traceback" not in caplog.text

    def test_a_runner_of_jobs_waits_for_it_and_says_no_more_than_that(
        self, app: Flask, postgres: PostgresServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lanes, "RETRY_SECONDS", 0.05)
        work, runner = Work(app), Runner(app, 2)
        goes_on = threading.Event()
        work.handle(Handler(name="test.wait", run=lambda _arguments, _now: goes_on.wait(20)))
        work.enqueue("test.wait")
        work.enqueue(number=1)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(runner.run)
            assert wait_until(lambda: bool(work.done) and work.states() == ["running"], seconds=20)

            with postgres.away():
                assert wait_until(lambda: watch_of(app).is_away(), seconds=20)
                # What it did while the database was away it notes when that is back.
                goes_on.set()
            assert is_well(app)
            work.enqueue(number=2)

            assert wait_until(lambda: not work.rows(), seconds=20)
            runner.stop()
            assert future.result(20) is True
        assert work.done == [{"number": 1}, {"number": 2}]
        said = lines_about_the_database(caplog)
        assert [line.partition(";")[0] for line in said] == ["The database is away", "The database is back."]

    def test_a_restart_between_two_requests_is_not_noticed(
        self, app: Flask, world: World, postgres: PostgresServer
    ) -> None:
        student = world.student()
        teacher = world.teacher()

        with postgres.away():
            pass
        read = student.get("/api/bookings?limit=3")
        with postgres.away():
            pass
        change = teacher.patch("/api/users/me", {"name": "Changed"})

        assert (read.status_code, change.status_code) == (200, 200)

    def test_a_read_whose_connection_is_ended_in_the_middle_is_done_once_more(
        self, app: Flask, world: World, postgres: PostgresServer
    ) -> None:
        student = world.student()

        with ended_before(app, "FROM bookings", postgres) as ended:
            answer = student.get("/api/bookings?limit=4")

        assert (answer.status_code, answer.json["data"]) == (200, [])
        assert ended == ["once"]

    def test_a_change_whose_connection_is_ended_in_the_middle_is_refused_whole(
        self, app: Flask, world: World, postgres: PostgresServer
    ) -> None:
        student = world.student()

        with ended_before(app, "UPDATE users", postgres) as ended:
            answer = student.patch("/api/users/me", {"name": "Half done"})

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert ended == ["once"]
        assert student.get("/api/users/me").json["name"] == student.name

    def test_a_database_that_takes_no_changes_can_still_be_read(
        self, app: Flask, world: World, postgres: PostgresServer
    ) -> None:
        student = world.student()

        with read_only(app, postgres):
            read, change = student.get("/api/bookings?limit=5"), student.patch("/api/users/me", {"name": "Never"})
            health = app.test_client().get("/health")

        assert (read.status_code, change.status_code) == (200, 503)
        assert "Nothing can be changed" in change.json["detail"]
        assert (health.status_code, health.json["status"], health.json["database"]) == (200, "degraded", "read-only")
        assert is_well(app)
        assert student.patch("/api/users/me", {"name": "Changed"}).status_code == 200


class TestOfLimits:
    @pytest.fixture
    def database_url(self, migrated_url: str) -> str:
        return migrated_url + "&options=-c%20lock_timeout%3D300"

    def test_a_statement_that_takes_too_long_is_a_503_and_one_that_waits_for_others_a_409(
        self, app: Flask, world: World, postgres: PostgresServer, migrated_url: str
    ) -> None:
        student = world.student()
        engine = create_engine(migrated_url)

        with engine.begin() as other:
            other.execute(text("SELECT id FROM users FOR UPDATE"))
            change = student.patch("/api/users/me", {"name": "Never"})
        with app.app_context(), pytest.raises(Unavailable):
            sleep(5)
        engine.dispose()

        assert (change.status_code, change.json["type"]) == (409, "/problems/busy")
        assert change.headers["Retry-After"] == "1"
        assert watch_of(app).state is State.OK

    def test_a_read_of_a_table_that_is_held_too_long_is_a_503(
        self, app: Flask, world: World, migrated_url: str
    ) -> None:
        student, engine = world.student(), create_engine(migrated_url)

        with engine.begin() as other:
            other.execute(text("LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE"))
            read = student.get("/api/bookings")
        engine.dispose()

        assert (read.status_code, student.get("/api/bookings").status_code) == (503, 200)
        assert watch_of(app).state is State.OK


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestOnSQLite:
    def test_a_file_that_another_program_keeps_locked_refuses_changes_alone(
        self, make_app: Callable[..., Flask], clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "SQLITE_BUSY_MILLISECONDS", 50)
        world = World(make_app(), clock)
        student = world.student()
        locked = sqlite3.connect(tmp_path / "lectern.db", isolation_level=None)
        locked.execute("BEGIN IMMEDIATE")

        change, read = student.patch("/api/users/me", {"name": "Never"}), student.get("/api/bookings")
        health = world.anyone.get("/health")
        locked.close()

        assert (change.status_code, change.headers["Retry-After"]) == (503, "5")
        assert (read.status_code, health.json["database"]) == (200, "ok")

    def test_health_says_that_changes_are_refused_until_they_are_not(self, app: Flask, world: World) -> None:
        student = world.student()

        with every_connection_runs("PRAGMA query_only = ON", app):
            change = student.patch("/api/users/me", {"name": "Never"})
            health = world.anyone.get("/health")

        assert change.status_code == 503
        assert (health.status_code, health.json["status"], health.json["database"]) == (200, "degraded", "read-only")
        with app.app_context():
            db.engine.dispose()
        assert is_well(app)

    def test_a_full_disk_refuses_changes_alone(self, app: Flask, world: World) -> None:
        teacher = world.teacher()
        bio = "The piano, and all that belongs to it. " * 100

        with every_connection_runs("PRAGMA max_page_count = 1", app):
            change, read = teacher.patch("/api/users/me", {"bio": bio}), teacher.get("/api/bookings")

        assert (change.status_code, read.status_code) == (503, 200)
        with app.app_context():
            db.engine.dispose()
        assert is_well(app)

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_watch_goes_on_after_an_error_that_nobody_foresaw(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outages, "PROBE_SECONDS", 0.2)
        with monkeypatch.context() as broken:
            broken.setattr(outages, "_accepts_changes", {}.__getitem__)
            assert watch_of(app).ask() is State.DOWN

        assert wait_until(lambda: watch_of(app).ask() is State.OK, seconds=10)

    def test_every_thread_has_a_connection(self, make_app: Callable[..., Flask]) -> None:
        app = make_app(web_threads=40)
        together = threading.Barrier(40 + connections.BACKGROUND_THREADS)

        def read(_number: int) -> int:
            with app.app_context(), reading() as connection:
                together.wait(20)
                return int(connection.execute(text("SELECT 1")).scalar_one())

        with ThreadPoolExecutor(together.parties) as threads:
            answers = list(threads.map(read, range(together.parties)))

        assert sum(answers) == together.parties

    def test_an_error_does_not_tell_what_a_statement_was_about(self, app: Flask) -> None:
        with app.app_context(), pytest.raises(OperationalError) as caught, db.engine.connect() as connection:
            connection.execute(text("SELECT * FROM nowhere WHERE email = :email"), {"email": "vera.secret@x.org"})

        assert "nowhere" in str(caught.value)
        assert "vera.secret" not in str(caught.value)


def wrapped(cause: Exception, *, lost: bool = False) -> OperationalError:
    return OperationalError("SELECT 1", {}, cause, connection_invalidated=lost)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (wrapped(psycopg.OperationalError("connection refused")), Trouble.AWAY),
        (wrapped(psycopg.errors.CannotConnectNow()), Trouble.AWAY),
        (wrapped(psycopg.errors.InvalidPassword()), Trouble.AWAY),
        (wrapped(psycopg.OperationalError("closed"), lost=True), Trouble.LOST),
        (wrapped(psycopg.errors.AdminShutdown(), lost=True), Trouble.LOST),
        (wrapped(psycopg.errors.TooManyConnections()), Trouble.HINDERED),
        (wrapped(psycopg.errors.QueryCanceled()), Trouble.HINDERED),
        (wrapped(psycopg.errors.DiskFull()), Trouble.NO_WRITES),
        (wrapped(psycopg.errors.ReadOnlySqlTransaction()), Trouble.NO_WRITES),
        (ProgrammingError("SELECT 1", {}, psycopg.errors.UndefinedTable()), None),
        (wrapped(psycopg.errors.UniqueViolation()), None),
        (wrapped(sqlite3.OperationalError("no such table")), None),
    ],
    ids=lambda it: type(it.orig).__name__ if isinstance(it, OperationalError) else None,
)
def test_errors_of_the_database_are_told_from_those_of_a_statement(
    error: OperationalError, trouble: Trouble | None
) -> None:
    assert trouble_of(error) is trouble


def sleep(seconds: int) -> None:
    """Read for longer than a statement may take."""
    with reading() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 100"))
        connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})


class ended_before:  # noqa: N801  (read as a word in a `with`)
    """End the connection that is about to run a statement, once, as an administrator would."""

    def __init__(self, app: Flask, statement: str, server: PostgresServer) -> None:
        self._statement = statement
        self._server = server
        self._done: list[str] = []
        with app.app_context():
            self._engine = db.engine

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._end)
        return self._done

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._end)

    def _end(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if self._statement in statement and not self._done:
            self._done.append("once")
            pid = connection.connection.driver_connection.info.backend_pid
            with self._server._connect() as superuser:
                superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


class read_only:  # noqa: N801
    """Let new sessions of the tests' database be read-only."""

    def __init__(self, app: Flask, server: PostgresServer) -> None:
        self._app = app
        self._server = server

    def __enter__(self) -> None:
        self._server.execute("ALTER DATABASE {} SET default_transaction_read_only = on", "outages")
        self._forget_connections()

    def __exit__(self, *_: object) -> None:
        self._server.execute("ALTER DATABASE {} RESET default_transaction_read_only", "outages")
        self._forget_connections()

    def _forget_connections(self) -> None:
        with self._app.app_context():
            db.engine.dispose()


_RUN_ON_CONNECTING: list[str] = []


# One listener stays for good: to add and remove it would disturb the watch, which connects meanwhile.
@event.listens_for(Engine, "connect")
def _run_on_connecting(connection: Any, _record: Any) -> None:
    for statement in _RUN_ON_CONNECTING:
        connection.execute(statement)


@contextmanager
def every_connection_runs(statement: str, app: Flask) -> Iterator[None]:
    """Run a statement on every new connection, and let there be no others."""
    _RUN_ON_CONNECTING.append(statement)
    with app.app_context():
        db.engine.dispose()
    try:
        yield
    finally:
        _RUN_ON_CONNECTING.remove(statement)
