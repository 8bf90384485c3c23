"""How long a failing Redis can hold a request up: a client's limits, and what is still tried after a failure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from redis.connection import SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from caching import client
from caching.lease import Held
from caching.store import current_store
from caching.tokens import TokenServer
from tests.support.world import World


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is sent to Redis does not depend on the database."""
    return sqlite_url


@pytest.fixture(autouse=True)
def patience_with_redis() -> None:
    """Look at the time limits of production."""


@pytest.fixture
def tried(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is tried with a Redis that never answers in time, from now on; nothing else is sent."""
    commands: list[str] = []
    for name in ("read_many", "claim_token", "publish", "mark", "invalidate"):
        monkeypatch.setattr(TokenServer, name, _too_late(name, commands))
    with world.app.app_context():
        store = current_store()
    assert store is not None
    # What the helper thread does is on nobody's time.
    monkeypatch.setattr(store.breaker, "_recover", _too_late("recover", []))
    return commands


def _too_late(name: str, commands: list[str]) -> Callable[..., Any]:
    def answer(*_: Any, urgent: bool = False, **__: Any) -> Any:
        commands.append(f"{name}, urgent" if urgent else name)
        raise RedisTimeoutError

    return answer


def begin_anew(world: World, tried: list[str]) -> None:
    """Forget what was tried, and that it failed."""
    tried.clear()
    with world.app.app_context():
        store = current_store()
    assert store is not None
    store.breaker._healthy.set()
    store.lease._held = Held(store.lease.epoch, math.inf)


def test_a_page_of_many_reads_waits_for_one_answer_that_does_not_come(world: World, tried: list[str]) -> None:
    gig = world.gig(world.teacher())
    begin_anew(world, tried)

    assert world.app.test_client().get(f"/gigs/{gig['id']}").status_code == 200

    assert tried == ["read_many"]


def test_a_change_waits_for_that_and_for_one_quick_try_to_announce_itself(world: World, tried: list[str]) -> None:
    teacher = world.teacher()
    begin_anew(world, tried)

    assert teacher.patch("/api/users/me", {"headline": "Violin"}).status_code == 200

    assert tried == ["read_many", "invalidate, urgent"]
    assert client.READ_SECONDS + 2 * client.URGENT_SECONDS <= 0.25


@pytest.mark.parametrize(("urgent", "connects", "reads", "retries"), [(False, 0.1, 0.12, 1), (True, 0.05, 0.05, 0)])
def test_a_client_has_strict_limits_and_tries_only_a_refused_connection_again(
    urgent: bool, connects: float, reads: float, retries: int
) -> None:
    kwargs = client.connect("redis://localhost/0", urgent=urgent).connection_pool.connection_kwargs

    assert (kwargs["socket_connect_timeout"], kwargs["socket_timeout"]) == (connects, reads)
    assert kwargs["retry"].get_retries() == retries
    assert kwargs["retry"]._supported_errors == (RedisConnectionError,)
    assert not issubclass(RedisTimeoutError, RedisConnectionError)


def test_sentinels_get_their_own_sign_in_and_the_server_the_rest_of_the_address() -> None:
    pool: Any = client.connect(
        "redis+sentinel://me:p%40ss@one:1111,two/main/3?sentinel_username=watch&sentinel_password=dog"
    ).connection_pool
    asked = [sentinel.connection_pool.connection_kwargs for sentinel in pool.sentinel_manager.sentinels]

    assert [(kwargs["host"], kwargs["port"]) for kwargs in asked] == [("one", 1111), ("two", 26379)]
    assert {(kwargs["username"], kwargs["password"]) for kwargs in asked} == {("watch", "dog")}
    assert pool.service_name == "main"
    assert {name: pool.connection_kwargs[name] for name in ("username", "password", "db")} == {
        "username": "me",
        "password": "p@ss",
        "db": 3,
    }


def test_with_tls_both_the_sentinels_and_the_server_are_asked_over_it() -> None:
    pool: Any = client.connect("rediss+sentinel://one/main").connection_pool

    assert issubclass(pool.connection_class, SSLConnection)
    assert all(issubclass(it.connection_pool.connection_class, SSLConnection) for it in pool.sentinel_manager.sentinels)
