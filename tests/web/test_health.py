"""`/health` says what works, whatever state Redis is in; `/metrics` is for this machine and those with the token."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from caching.operations import alerts
from caching.store import Store, current_store
from config import leaving_file
from extensions import db
from jobs import periodic
from jobs.registry import registry_of
from support.servers import RedisServer
from tests.conftest import FakeClock
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TOKEN = "a token for Prometheus"


def store_of(app: Flask) -> Store:
    with app.app_context():
        store = current_store()
    assert store is not None
    return store


def health(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/health")
    assert answer.status_code == 200
    return answer.json


def do_periodic_work(app: Flask) -> None:
    """Let it be as if a runner of jobs had just done all periodic work."""
    with app.app_context():
        periodic.begin_anew(registry_of(app))


def test_all_is_well(app: Flask) -> None:
    # What other tests did in this process is not what the rules are asked about.
    alerts.note(app)
    do_periodic_work(app)

    answer = health(app)

    assert (answer["status"], answer["database"], answer["cache"]["status"]) == ("ok", "ok", "ok")
    assert answer["jobs"] == "ok"
    assert 0 < answer["cache"]["latency_ms"] < 1000
    assert answer["cache"]["alerts"] == []


def test_without_a_runner_of_jobs_it_says_so(app: Flask, clock: FakeClock) -> None:
    never = health(app)
    do_periodic_work(app)
    clock.advance(seconds=100)
    lately = health(app)
    clock.advance(seconds=60)

    no_more = health(app)

    assert [(answer["status"], answer["jobs"]) for answer in (never, lately, no_more)] == [
        ("degraded", "late"),
        ("ok", "ok"),
        ("degraded", "late"),
    ]


@pytest.mark.middleware_not_compared
def test_reads_are_counted(app: Flask) -> None:
    client = app.test_client()
    before = health(app)["cache"]
    client.get("/api/gigs")
    client.get("/api/gigs")

    after = health(app)["cache"]

    assert (after["hits"] - before["hits"], after["misses"] - before["misses"]) == (1, 1)
    assert 0 < after["hit_rate"] < 1


class TestWithAFailingRedis:
    @pytest.fixture
    def patience_with_redis(self) -> None:
        """Wait no longer than in production."""

    @pytest.fixture
    def redis_server(self, own_redis_server: RedisServer) -> RedisServer:
        """A server that the test may mistreat, in place of the common one."""
        return own_redis_server

    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    @pytest.mark.parametrize("reads_before", [False, True], ids=["first contact", "breaker open"])
    @pytest.mark.parametrize(
        ("fault", "word"),
        [
            (lambda server: server.kill(), "refused"),
            (lambda server: server.pause(), "timeout"),
            (lambda server: server.config_set("requirepass", "changed"), "auth"),
        ],
        ids=["dead", "frozen", "wrong password"],
    )
    def test_it_is_degraded_and_says_why(
        self, app: Flask, redis_server: RedisServer, fault: Callable[[RedisServer], None], word: str, reads_before: bool
    ) -> None:
        fault(redis_server)
        if reads_before:
            app.test_client().get("/api/gigs")

        answer = health(app)

        assert (answer["status"], answer["cache"]["status"]) == ("degraded", word)

    def test_it_is_ready(self, app: Flask, redis_server: RedisServer) -> None:
        redis_server.kill()
        app.test_client().get("/api/gigs")

        assert readiness(app) == (200, {"status": "ready"})

    def test_a_redis_that_is_known_to_fail_is_not_asked(self, app: Flask, redis_server: RedisServer) -> None:
        redis_server.pause()
        app.test_client().get("/api/gigs")
        asked: list[object] = []
        vars(store_of(app).backend.client)["info"] = asked.append

        health(app)

        assert not asked
        assert not store_of(app).breaker.closed

    def test_a_frozen_redis_holds_nothing_up(self, app: Flask, redis_server: RedisServer) -> None:
        redis_server.pause()
        began = time.monotonic()

        health(app)

        assert time.monotonic() - began < 2

    def test_the_administrators_numbers_come_all_the_same(self, app: Flask, redis_server: RedisServer) -> None:
        world = World(app, lambda: None)
        admin = world.admin()
        redis_server.kill()

        answers = [admin.get(f"/api/cache/{what}") for what in ("health", "metrics")]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert admin.post("/api/cache/warm").status_code == 409


def test_without_a_cache_all_is_well(make_app: Callable[..., Flask]) -> None:
    app = make_app(cache_type="NullCache")
    do_periodic_work(app)

    answer = health(app)

    assert (answer["status"], answer["cache"]["status"]) == ("ok", "off")


def test_without_a_database_nothing_works(app_at: Callable[[str], Flask], tmp_path: Path) -> None:
    app = app_at(f"sqlite:///{tmp_path / 'nowhere' / 'lectern.db'}")

    answer = app.test_client().get("/health")

    assert answer.status_code == 503
    assert (answer.json["status"], answer.json["database"]) == ("down", "down")


def readiness(app: Flask) -> tuple[int, dict[str, Any]]:
    answer = app.test_client().get("/health/ready")
    return answer.status_code, answer.json


def test_a_process_without_a_database_lives_and_is_not_ready(app_at: Callable[[str], Flask], tmp_path: Path) -> None:
    app = app_at(f"sqlite:///{tmp_path / 'nowhere' / 'lectern.db'}")

    live, ready = app.test_client().get("/health/live"), readiness(app)

    assert (live.status_code, live.json) == (200, {"status": "ok"})
    assert ready == (503, {"status": "not-ready", "reason": "database"})


@on_sqlite
def test_it_is_ready_until_a_file_says_that_it_is_about_to_stop(app: Flask) -> None:
    first = readiness(app)

    leaving_file(Path(app.instance_path)).touch()

    assert first == (200, {"status": "ready"})
    assert readiness(app) == (503, {"status": "not-ready", "reason": "stopping"})


def revision_becomes(app: Flask, revision: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


@on_sqlite
def test_with_the_tables_of_another_version_it_is_not_ready(app: Flask) -> None:
    revision_becomes(app, "0001")

    assert readiness(app) == (503, {"status": "not-ready", "reason": "migrations"})


@on_sqlite
def test_it_stays_ready_when_the_next_version_migrates_the_database(app: Flask) -> None:
    readiness(app)

    revision_becomes(app, "9999")

    assert readiness(app) == (200, {"status": "ready"})


@on_sqlite
@pytest.mark.parametrize(
    ("proxies", "address", "headers", "status"),
    [
        (0, "127.0.0.1", {}, 200),
        (0, "::1", {}, 200),
        (0, "203.0.113.5", {}, 403),
        (0, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        (0, "127.0.0.1", {"X-Real-IP": "203.0.113.5"}, 403),
        (0, "127.0.0.1", {"Forwarded": "for=203.0.113.5"}, 403),
        (0, "203.0.113.5", {"X-Forwarded-For": "127.0.0.1"}, 403),
        # A proxy that nobody told us of.
        (0, "127.0.0.1", {"Via": "1.1 cache"}, 403),
        (0, "127.0.0.1", {"CF-Connecting-IP": "203.0.113.5"}, 403),
        (0, "127.0.0.1", {"X-Client-IP": "203.0.113.5"}, 403),
        (0, "127.0.0.1", {"X-Forwarded-Proto": "https"}, 403),
        (0, "127.0.0.1", {"X-Forwarded-Host": "example.org"}, 403),
        # What Prometheus and browsers send.
        (0, "127.0.0.1", {"X-Prometheus-Scrape-Timeout-Seconds": "10", "Accept-Encoding": "gzip"}, 200),
        (0, "127.0.0.1", {"Sec-Fetch-Mode": "navigate", "Accept-Language": "en", "Cookie": "a=b"}, 200),
        # Behind proxies only the token counts: the address is what somebody else says.
        (1, "127.0.0.1", {}, 403),
        (1, "127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, 403),
        (1, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 203.0.113.5"}, 403),
        (1, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        (1, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1", "Authorization": f"Bearer {TOKEN}"}, 200),
        (2, "127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, 403),
        (0, "203.0.113.5", {"Authorization": f"Bearer {TOKEN}"}, 200),
        (0, "203.0.113.5", {"Authorization": f"bearer {TOKEN}"}, 200),
        (0, "203.0.113.5", {"Authorization": f"Bearer {TOKEN}x"}, 403),
        (0, "203.0.113.5", {"Authorization": "Bearer \u00e9"}, 403),
        (0, "203.0.113.5", {"Authorization": f"Basic {TOKEN}"}, 403),
    ],
)
def test_metrics_are_for_this_machine_and_for_holders_of_the_token(
    make_app: Callable[..., Flask], proxies: int, address: str, headers: dict[str, str], status: int
) -> None:
    app = make_app(trusted_proxies=proxies, metrics_token=TOKEN)

    answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})

    assert answer.status_code == status


@on_sqlite
def test_without_a_token_nobody_has_it(make_app: Callable[..., Flask]) -> None:
    headers = {"Authorization": "Bearer "}

    answer = make_app().test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": "203.0.113.5"})

    assert answer.status_code == 403


def test_metrics_show_what_is_counted_and_what_is_measured(app: Flask) -> None:
    client = app.test_client()
    client.get("/api/gigs")

    answer = client.get("/metrics")

    assert answer.content_type.startswith("text/plain; version=")
    for line in (
        'lectern_cache_reads_total{family="gigs",outcome="miss"}',
        'lectern_http_request_seconds_count{endpoint="gigs.list_gigs",status="2xx"}',
        "lectern_cache_redis_up 1.0",
        "lectern_cache_outbox_depth 0.0",
        'lectern_cache_alert{alert="memory"} 0.0',
    ):
        assert line in answer.text
