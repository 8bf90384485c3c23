"""`flask cache doctor` on servers with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from caching.operations import doctor
from caching.outbox import OutboxRow
from config import metrics_folder
from database import writing
from support.servers import RedisServer
from tests.caching.conftest import Probe
from tests.conftest import FakeClock


@pytest.fixture
def redis_server(own_redis_server: RedisServer) -> RedisServer:
    """A server that the test may mistreat, in place of the common one."""
    return own_redis_server


@pytest.fixture
def patience_with_redis() -> None:
    """Wait no longer than in production."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The doctor looks at Redis; one database is enough."""
    return sqlite_url


def examine(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["cache", "doctor"])


def _level(line: str) -> str:
    return next(level for level in ("problem", "warning", "ok") if f"  {level}" in line)


def level_of(app: Flask, check: str) -> str:
    line = next(line for line in examine(app).output.splitlines() if line.startswith(f"{check}  "))
    return _level(line)


def judged(patient: doctor.Patient, name: str) -> str:
    checks = [check for check in doctor.REDIS_CHECKS if check.name == name]
    return next(doctor.run(checks, patient)).level


def test_a_server_as_we_start_it_is_well(app: Flask) -> None:
    result = examine(app)

    assert result.exit_code == 0
    assert "problem" not in result.output


@pytest.mark.parametrize(
    ("name", "value", "check", "level"),
    [
        ("save", "60 1", "persistence", "warning"),
        ("appendonly", "yes", "persistence", "warning"),
        ("maxmemory-policy", "noeviction", "eviction", "problem"),
        ("maxmemory-policy", "allkeys-random", "eviction", "warning"),
        ("maxmemory", 0, "memory bound", "problem"),
        ("min-replicas-to-write", 1, "writable", "problem"),
    ],
)
def test_a_wrong_setting_is_found(
    app: Flask, redis_server: RedisServer, name: str, value: str | int, check: str, level: str
) -> None:
    redis_server.config_set(name, value)

    assert level_of(app, check) == level
    assert examine(app).exit_code == (1 if level == "problem" else 0)


def test_a_server_that_is_nearly_full_is_found(app: Flask, redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        used = client.info("memory")["used_memory"]
    redis_server.config_set("maxmemory", used + used // 10)

    assert level_of(app, "memory") == "warning"


def test_a_replica_is_no_place_for_a_cache(app: Flask, redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.replicaof("127.0.0.1", 1)

    assert (level_of(app, "primary"), level_of(app, "writable")) == ("problem", "problem")


def test_where_config_is_forbidden_the_rest_is_found_out(app: Flask, redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.execute_command("ACL", "SETUSER", "default", "-config")

    result = examine(app)

    assert result.exit_code == 0
    assert "CONFIG is forbidden" in result.output


def test_a_dead_server_is_a_problem_and_the_rest_is_told_all_the_same(app: Flask, redis_server: RedisServer) -> None:
    redis_server.kill()

    result = examine(app)

    assert result.exit_code == 1
    assert "start Redis" in result.output
    assert "outbox" in result.output


def test_a_wrong_password_is_told_apart(app: Flask, redis_server: RedisServer) -> None:
    redis_server.config_set("requirepass", "changed")

    assert "refuses the password" in examine(app).output


def test_a_frozen_server_is_told_apart(app: Flask, redis_server: RedisServer) -> None:
    redis_server.pause()

    assert "does not answer in time" in examine(app).output


def test_changes_that_wait_are_a_warning(app: Flask, clock: FakeClock) -> None:
    with app.app_context(), writing() as session:
        session.add(OutboxRow(owner="user:1", name="bookings", mark="left over", created_at=clock()))

    assert level_of(app, "outbox") == "warning"


@pytest.mark.parametrize(
    ("check", "change", "level"),
    [
        ("version", {"info": {"redis_version": "6.2.14"}}, "problem"),
        ("version", {"info": {"redis_version": "10.0.0"}}, "ok"),
        ("latency", {"latency_ms": 80.0}, "warning"),
        ("cluster", {"info": {"redis_mode": "cluster"}}, "problem"),
        ("cluster", {"info": {"redis_mode": "cluster", "connected_slaves": 0}, "slot": 42}, "warning"),
        ("cluster", {"info": {"redis_mode": "cluster", "connected_slaves": 1}, "slot": 42}, "ok"),
    ],
)
def test_what_this_machine_cannot_show(probe: Probe, check: str, change: dict[str, object], level: str) -> None:
    patient = doctor.Patient(probe.store, Path(probe.app.instance_path), **change)  # type: ignore[arg-type]

    assert judged(patient, check) == level


def test_a_server_that_does_not_say_who_it_is_is_a_problem(probe: Probe) -> None:
    patient = doctor.Patient(probe.store, Path(probe.app.instance_path), info={"redis_version": "7.0.15"})

    assert judged(patient, "identity") == "problem"


def test_counters_that_cannot_be_written_are_a_problem(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    metrics_folder(Path(app.instance_path)).mkdir()
    monkeypatch.setattr("caching.operations.doctor.os.access", lambda *_: False)

    assert level_of(app, "metrics") == "problem"


def test_without_a_cache_there_is_nothing_to_examine(make_app: Callable[..., Flask]) -> None:
    result = examine(make_app(cache_type="NullCache"))

    assert result.exit_code == 1
    assert "turned off" in result.output
