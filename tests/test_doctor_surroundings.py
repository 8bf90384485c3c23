"""What `flask doctor` says of settings, servers, jobs, mail, clocks and disks, with one thing wrong at a time."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import update

from config import MailServer
from database import writing
from jobs import periodic
from jobs.models import Job, JobState
from jobs.queue import enqueue
from jobs.registry import registry_of
from operators.doctor import machine
from operators.doctor.checks import CHECKS
from operators.doctor.surroundings import SURROUNDINGS
from support.servers import RedisServer, free_port
from tests.conftest import FakeClock
from tests.support.mail_server import PASSWORD, USERNAME, Inbox, knows, mail_server
from web.settings import chosen_by

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def redis_server(own_redis_server: RedisServer) -> RedisServer:
    """A server that the test may mistreat, in place of the common one."""
    return own_redis_server


@pytest.fixture
def running(make_app: Callable[..., Flask]) -> Flask:
    """An application whose periodic work was done just now, as if a server ran."""
    app = make_app()
    with app.app_context():
        periodic.begin_anew(registry_of(app))
    return app


def examine(app: Flask, *options: str) -> tuple[int, dict[str, str]]:
    """Return the exit code and what is said by each line, with the sentences below it."""
    result = app.test_cli_runner().invoke(args=["doctor", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    # What servers of the test log goes to stderr.
    joined = re.sub(r"\n +", " ", result.stdout).splitlines()
    return result.exit_code, {line.partition(": ")[0]: line.partition(": ")[2] for line in joined}


def wrong(app: Flask) -> dict[str, str]:
    """Return the lines of what is wrong, which the exit code says as well."""
    code, lines = examine(app)
    found = {name: said for name, said in lines.items() if not said.startswith("ok")}
    assert code == (1 if found else 0)
    return found


def test_of_a_running_lectern_each_line_is_ok(running: Flask) -> None:
    code, lines = examine(running)

    assert (code, [*lines]) == (0, [*(one.name for one in SURROUNDINGS), *(check.name for check in CHECKS)])
    assert all(said.startswith("ok (") for said in lines.values()), lines


@on_sqlite
def test_secrets_that_everybody_can_read_are_noticed(running: Flask) -> None:
    key = Path(running.instance_path) / "secret_key"
    key.write_text("x" * 32)
    key.chmod(0o644)

    assert wrong(running).keys() == {"configuration"}

    key.chmod(0o600)
    assert not wrong(running)


@on_sqlite
def test_https_without_a_trusted_proxy_is_noticed(running: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    public = replace(chosen_by(running), public_url="https://lessons.example.org", webhooks_allow_loopback=True)
    monkeypatch.setitem(running.extensions, "lectern-settings", public)

    said = wrong(running)["configuration"]

    assert "TRUSTED_PROXIES is 0" in said
    assert "WEBHOOKS_ALLOW_LOOPBACK" in said


def test_without_a_database_the_rest_is_looked_at_all_the_same(app_at: Callable[[str], Flask], tmp_path: Path) -> None:
    app = app_at(f"postgresql+psycopg://lectern@/nothing?host={tmp_path}")

    code, lines = examine(app)

    assert code == 1
    assert lines["database"].startswith("one problem It cannot be used: ")
    assert {lines[name] for name in ("migrations", "redis", "jobs", "clock", "payments")} == {"not looked at"}
    assert {lines[name][:2] for name in ("configuration", "mail", "disk")} == {"ok"}


def test_a_database_that_takes_no_changes_is_noticed_and_read_all_the_same(
    app_at: Callable[[str], Flask], postgres_url: str
) -> None:
    read_only = f"{postgres_url}{'&' if '?' in postgres_url else '?'}options=-cdefault_transaction_read_only%3Don"

    code, lines = examine(app_at(read_only), "--offline")

    assert code == 1
    assert lines.pop("changes").startswith("one problem It takes no changes: ")
    assert {name for name, said in lines.items() if not said.startswith("ok")} == {
        *(one.name for one in SURROUNDINGS if one.runs)
    }


@on_sqlite
def test_tables_of_another_version_are_noticed_and_not_read(running: Flask, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "lectern.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    found = wrong(running)

    assert found.pop("migrations").startswith("one problem This database was made by a newer Lectern")
    assert set(found.values()) == {"not looked at"}
    assert {"jobs", "payments", "reports"} <= found.keys()


@on_sqlite
@pytest.mark.leaves_old_answers
def test_a_redis_that_is_away_or_badly_set_up_is_noticed(running: Flask, redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory-policy", "noeviction")
    assert "allkeys-lru" in wrong(running)["redis"]

    redis_server.kill()

    assert "Nobody listens there" in wrong(running)["redis"]
    assert examine(running, "--offline")[0] == 0


@on_sqlite
def test_without_a_runner_jobs_are_late(make_app: Callable[..., Flask]) -> None:
    assert "No runner is at work" in wrong(make_app())["jobs"]


@on_sqlite
def test_overdue_jobs_and_such_as_were_given_up_are_noticed(running: Flask, clock: FakeClock) -> None:
    with running.app_context(), writing() as session:
        for _ in range(2):
            enqueue(session, "notifications.send-digest", {}, run_at=clock())
    clock.advance(minutes=1)
    assert not wrong(running)

    clock.advance(minutes=19)
    with running.app_context():
        periodic.begin_anew(registry_of(running))
    assert "due for 20 minutes" in wrong(running)["jobs"]

    with running.app_context(), writing() as session:
        session.execute(update(Job).values(state=JobState.DEAD))
    assert "Given up: 2." in wrong(running)["jobs"]


@pytest.fixture
def mailing(running: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[MailServer], Flask]:
    def choose(server: MailServer) -> Flask:
        monkeypatch.setitem(running.extensions, "lectern-settings", replace(chosen_by(running), mail_server=server))
        return running

    return choose


@on_sqlite
def test_a_mail_server_is_greeted_and_gets_no_mail(mailing: Callable[[MailServer], Flask]) -> None:
    inbox = Inbox()
    with mail_server(inbox, authenticator=knows, auth_require_tls=False) as server:
        known = replace(server, username=USERNAME, password=PASSWORD)
        assert not wrong(mailing(known))
        assert "does not take this name and password" in wrong(mailing(replace(known, password="another")))["mail"]
    assert inbox.envelopes == []


@on_sqlite
def test_a_mail_server_that_is_away_is_noticed(mailing: Callable[[MailServer], Flask]) -> None:
    app = mailing(MailServer(host="127.0.0.1", port=free_port()))

    assert "cannot be reached" in wrong(app)["mail"]
    assert examine(app, "--offline")[0] == 0


@pytest.mark.parametrize(("seconds", "word"), [(7.0, "7 s ahead of"), (-7.0, "7 s behind")])
def test_a_clock_of_its_own_is_noticed(
    running: Flask, monkeypatch: pytest.MonkeyPatch, seconds: float, word: str
) -> None:
    there = time.time
    monkeypatch.setattr("operators.doctor.servers.time", SimpleNamespace(time=lambda: there() + seconds))

    said = wrong(running)

    assert f"{word} that of Redis" in said.pop("redis clock")
    if chosen_by(running).database_url.startswith("postgresql"):
        assert f"{word} that of the database" in said.pop("clock")
    assert not said


@on_sqlite
def test_offline_redis_is_not_asked_for_its_time(running: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    there = time.time
    monkeypatch.setattr("operators.doctor.servers.time", SimpleNamespace(time=lambda: there() + 7))

    code, lines = examine(running, "--offline")

    assert (code, lines["redis clock"]) == (0, "not looked at")


def test_a_clock_that_is_a_little_off_is_none_of_its_business(running: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    there = time.time
    monkeypatch.setattr("operators.doctor.servers.time", SimpleNamespace(time=lambda: there() + 3))

    assert not wrong(running)


@on_sqlite
def test_a_disk_that_is_nearly_full_is_noticed(running: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "shutil", SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=3_000_000)))

    assert "has 3 MB left and should have 500 MB" in wrong(running)["disk"]


@on_sqlite
def test_a_disk_needs_room_for_a_copy_of_the_database(running: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = (Path(running.instance_path) / "lectern.db").stat().st_size
    monkeypatch.setattr(machine, "LEAST_FREE", 0)
    monkeypatch.setattr(machine, "shutil", SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=taken - 1)))

    assert wrong(running).keys() == {"disk"}


@on_sqlite
def test_a_folder_that_cannot_be_written_to_is_noticed(running: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "os", SimpleNamespace(access=lambda *_: False, W_OK=2, X_OK=1))

    assert "Nothing can be written into" in wrong(running)["disk"]
