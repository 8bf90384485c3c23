"""Fixtures of all tests: an application on SQLite and PostgreSQL, a real Redis, a clock that stands still, people."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from hypothesis import settings as hypothesis_settings

import connections
from accounts.sign_in import passwords
from app import create_app
from caching import client, invalidation_check, lease
from caching.store import current_store
from config import ROOT, Settings
from extensions import db
from outages import current_watch
from support.servers import PostgresServer, RedisServer
from tests.support.both_ways import compared_with_the_application
from tests.support.emptying import empty
from tests.support.kept import Kept
from tests.support.routing import rules_compiled_once
from tests.support.statements import statements_compiled_once
from tests.support.templates import templates_compiled_once
from tests.support.world import World

pytest_plugins = ["tests.support.fixtures"]

# Every run tries the same examples, so that a test that turns red was broken by a change;
# `make test T="tests/schedule --hypothesis-profile=explore"` looks for new ones.
hypothesis_settings.register_profile("explore", deadline=None)
hypothesis_settings.register_profile("steady", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("steady")

SATURDAY = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def pytest_collection_finish() -> None:
    """Spare the garbage collector the modules and tests, which stay to the end."""
    gc.collect()
    gc.freeze()


class FakeClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime) -> None:
        self.instant = start

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, **amount: float) -> None:
        self.instant += timedelta(**amount)


@pytest.fixture(scope="session", autouse=True)
def cheap_routing() -> Iterator[None]:
    """Make applications in half the time."""
    with rules_compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_statements() -> Iterator[None]:
    """Ask databases in less time than a new application needs."""
    with statements_compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_templates() -> Iterator[None]:
    """Show the first page of a new application without compiling its templates."""
    with templates_compiled_once():
        yield


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with the least effort that Argon2 allows: it is the library's strength, not ours, that costs."""
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys_hash.cache_clear()


@pytest.fixture(autouse=True)
def no_forgotten_invalidation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a transaction that changes what cached reads show, and does not say so, fail its test."""
    monkeypatch.setattr(invalidation_check, "strict", True)


@pytest.fixture(autouse=True)
def patience_with_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer for Redis than in production: on a busy machine a sound server may take more than 120 ms."""
    monkeypatch.setattr(client, "CONNECT_SECONDS", 5.0)
    monkeypatch.setattr(client, "READ_SECONDS", 5.0)


@pytest.fixture(autouse=True)
def patience_with_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer for a connection than in production: a race of a test has more threads than a worker process."""
    monkeypatch.setattr(connections, "POOL_SECONDS", 30)
    # Speed instead of durability, as on the tests' PostgreSQL.
    monkeypatch.setattr(connections, "SQLITE_SYNCHRONOUS", "OFF")


@pytest.fixture(autouse=True)
def long_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a lease outlast a test: most tests count what one request costs, and have no thread that renews leases.

    Tests in which Redis fails or another server is chosen take `short_lease`, because only there the guarantee holds.
    """
    monkeypatch.setattr(lease, "LEASE_SECONDS", 3600.0)
    monkeypatch.setattr(lease, "WAIT_SECONDS", 0.05)


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let leases run out as in production, only sooner."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.2)
    monkeypatch.setattr(lease, "WAIT_SECONDS", 0.2)


@pytest.fixture(autouse=True)
def answered_by_middleware(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Compare every answer of the list middleware with the application's, and collect what it answered.

    Tests that count what one request costs, or rely on what happens in the application, are marked
    `middleware_not_compared`.
    """
    if request.node.get_closest_marker("middleware_not_compared"):
        yield []
        return
    with compared_with_the_application() as asked:
        yield asked


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(SATURDAY)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database; each test gets a copy."""
    path = tmp_path_factory.mktemp("template") / "lectern.db"
    _migrate(f"sqlite:///{path}", path.parent)
    return path


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated PostgreSQL database; each test finds it empty."""
    url = postgres_server.create_database("lectern")
    _migrate(url, tmp_path_factory.mktemp("postgres"))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The two databases; a test that uses this runs on both."""
    if request.param == "sqlite":
        return _fresh_sqlite(request, tmp_path)
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Only SQLite, for what does not depend on the database."""
    return _fresh_sqlite(request, tmp_path)


@pytest.fixture
def settings(database_url: str, redis_server: RedisServer, tmp_path: Path) -> Settings:
    """Settings of a test's application; caching is on."""
    return make_settings(database_url, redis_server, tmp_path)


def make_settings(database_url: str, redis_server: RedisServer, instance: Path, /, **changes: object) -> Settings:
    """Build settings for tests; `changes` override."""
    return Settings(
        **{
            "instance": instance,
            "database_url": database_url,
            "redis_url": redis_server.url,
            "secret_key": "not a secret, but long enough",
            "demo_data": False,
            "ratelimit_enabled": False,
            # Tests ask for more than anybody does; those of the limits choose their own.
            "max_open_requests": 1_000_000,
            "max_open_requests_per_teacher": 1_000_000,
            "max_open_series": 1_000_000,
            **changes,
        }  # type: ignore[arg-type]
    )


@pytest.fixture
def make_app(
    request: pytest.FixtureRequest,
    settings: Settings,
    clock: FakeClock,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Flask]]:
    """A function that makes applications over the same, at first empty, database and Redis.

    At the end no application may still have an answer from before a change, whatever the test was about.
    """
    with redis_server.client() as redis:
        redis.flushall()
    made: list[Flask] = []
    kept = Kept(monkeypatch)

    def make(**changes: object) -> Flask:
        chosen = make_settings(settings.database_url, redis_server, settings.instance, **changes)
        app = create_app(chosen, clock=clock)
        made.append(app)
        if len(made) == 1:
            if settings.database_url.startswith("postgresql"):
                empty(settings.database_url)
            _choose_server(app)
        return app

    yield make
    ruined = request.node.get_closest_marker("leaves_old_answers")
    old = [answer for app in made if not ruined for answer in kept.old(app)]
    for app in made:
        _retire(app)
    assert not old, "the cache would still give answers from before a change"


@pytest.fixture
def app_at(redis_server: RedisServer, tmp_path: Path) -> Iterator[Callable[[str], Flask]]:
    """A function that makes applications at databases of a test's own, which may be away."""
    made: list[Flask] = []

    def make(url: str) -> Flask:
        made.append(create_app(make_settings(url, redis_server, tmp_path)))
        return made[-1]

    yield make
    for app in made:
        _retire(app)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application, on SQLite and on PostgreSQL in turn."""
    return make_app()


@pytest.fixture
def world(app: Flask, clock: FakeClock) -> World:
    """People and their clients, made through the API."""
    return World(app, clock)


def _retire(app: Flask) -> None:
    """End the threads that look after what is away; they would go on during the tests that follow."""
    with app.app_context():
        if store := current_store():
            store.breaker.retire()
        current_watch().retire()
        db.engine.dispose()


def _fresh_sqlite(request: pytest.FixtureRequest, folder: Path) -> str:
    path = folder / "lectern.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


def _migrate(url: str, instance: Path) -> None:
    settings = Settings(
        instance=instance, database_url=url, redis_url="unix:///nowhere", secret_key="x" * 16, cache_type="NullCache"
    )
    app = create_app(settings)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        db.engine.dispose()


def _choose_server(app: Flask) -> None:
    """Do what the server does before it serves."""
    with app.app_context():
        if store := current_store():
            store.choose_server()
