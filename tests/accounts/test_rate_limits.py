"""How often one may try to sign in or register."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.servers import RedisServer
from tests.support.world import World


@pytest.fixture
def redis_server(own_redis_server: RedisServer) -> RedisServer:
    """A server that may be killed."""
    return own_redis_server


def sign_in(app: Flask, email: str, address: str = "192.0.2.1") -> TestResponse:
    client = app.test_client(use_cookies=False)
    body = {"email": email, "password": "a wrong guess"}
    return client.post("/api/auth/login", json=body, environ_base={"REMOTE_ADDR": address})


def test_an_account_is_tried_ten_times_a_minute_from_wherever(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True)

    answers = [sign_in(app, "ada@example.org", f"192.0.2.{number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_capitals_do_not_make_another_account(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True)

    answers = [sign_in(app, email) for email in ["ada@example.org", "Ada@Example.org "] * 6]

    assert answers[-1].status_code == 429


def test_an_address_tries_thirty_times_a_minute(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True)

    answers = [sign_in(app, f"user{number}@example.org").status_code for number in range(31)]

    assert answers == [401] * 30 + [429]


def test_all_processes_count_together(make_app: Callable[..., Flask]) -> None:
    apps = [make_app(ratelimit_enabled=True), make_app(ratelimit_enabled=True)]

    answers = [sign_in(apps[number % 2], "ada@example.org").status_code for number in range(11)]

    assert answers[-1] == 429


def test_thirty_people_an_hour_register_from_one_address(make_app: Callable[..., Flask]) -> None:
    client = make_app(ratelimit_enabled=True).test_client()

    answers = [client.post("/api/auth/register", json={}).status_code for _ in range(31)]

    assert answers == [422] * 30 + [429]


def test_without_redis_each_process_counts_in_its_memory(
    make_app: Callable[..., Flask], redis_server: RedisServer
) -> None:
    app = make_app(ratelimit_enabled=True)
    redis_server.kill()

    answers = [sign_in(app, "ada@example.org").status_code for _ in range(11)]

    assert answers == [401] * 10 + [429]


def test_a_present_password_is_guessed_ten_times_a_minute(make_app: Callable[..., Flask], world: World) -> None:
    student = world.student()
    client = make_app(ratelimit_enabled=True).test_client(use_cookies=False)

    def change(**body: str) -> int:
        return client.patch("/api/users/me", json=body, headers=student.headers).status_code

    answers = [change(current_password=f"guess {number}", password="a new and long one") for number in range(11)]

    assert answers[-1] == 429
    assert 429 not in answers[:-1]
    assert change(name="Ada King") == 200, "other changes are not limited"


def test_where_redis_takes_no_writes_wrong_addresses_are_counted_all_the_same(
    make_app: Callable[..., Flask], redis_server: RedisServer
) -> None:
    client = make_app(ratelimit_enabled=True).test_client(use_cookies=False)
    with redis_server.client() as redis:
        redis.replicaof("127.0.0.1", 1)

    answers = [client.get("/api/calendar.ics?token=1.guess").status_code for _ in range(31)]

    assert answers == [404] * 30 + [429]


def test_of_many_requests_that_meet_a_dying_redis_none_fails(
    make_app: Callable[..., Flask], redis_server: RedisServer
) -> None:
    app = make_app(ratelimit_enabled=True)
    sign_in(app, "ada@example.org")
    redis_server.pause()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: sign_in(app, f"{number}@example.org").status_code, range(8)))
    redis_server.resume()

    assert answers == [401] * 8
