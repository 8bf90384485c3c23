"""How often one may try to sign in, to register, or to guess a password or a secret address."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from accounts.sign_in import known_browsers
from database import reading
from extensions import db
from support.servers import RedisServer
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.races import at_once
from tests.support.world import PASSWORD, World
from web.attempts import Attempt, forget_old_attempts

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def sign_in(app: Flask, email: str, address: str = "192.0.2.1", password: str = "a wrong guess") -> TestResponse:
    client = app.test_client(use_cookies=False)
    body = {"email": email, "password": password}
    return client.post("/api/auth/login", json=body, environ_base={"REMOTE_ADDR": address})


def guess(app: Flask, times: int, email: str = "ada@example.org") -> list[int]:
    """Try to sign in to one account so many times, each time from elsewhere."""
    return [sign_in(app, email, f"198.51.100.{number}").status_code for number in range(times)]


def attempts(app: Flask) -> int:
    with app.app_context(), reading() as connection:
        return connection.execute(select(func.count()).select_from(Attempt)).scalar_one()


def test_an_account_is_tried_ten_times_a_minute_from_wherever(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True)

    answers = [sign_in(app, "ada@example.org", f"192.0.2.{number}") for number in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


@on_sqlite
def test_no_stretch_of_a_minute_has_more_than_ten_attempts(make_app: Callable[..., Flask], clock: FakeClock) -> None:
    app = make_app(ratelimit_enabled=True)
    begun = clock()

    let_pass = []
    for _ in range(30):
        clock.advance(seconds=7)
        let_pass += [clock() - begun for status in guess(app, 3) if status == 401]

    for first in let_pass:
        assert sum(first <= at < first + timedelta(minutes=1) for at in let_pass) <= 10
    assert len(let_pass) >= 30, "whoever is patient may go on"


@on_sqlite
def test_who_waits_as_long_as_was_said_may_try_again(make_app: Callable[..., Flask], clock: FakeClock) -> None:
    app = make_app(ratelimit_enabled=True)
    for _ in range(10):
        guess(app, 1)
        clock.advance(seconds=3)
    seconds = int(sign_in(app, "ada@example.org").headers["Retry-After"])

    clock.advance(seconds=seconds - 1)
    assert guess(app, 1) == [429]
    clock.advance(seconds=1)
    assert guess(app, 2) == [401, 429]


def test_of_many_attempts_at_once_no_more_pass(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True)

    answers = at_once([partial(sign_in, app, "ada@example.org", f"192.0.2.{number}") for number in range(16)])

    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 6


@on_sqlite
def test_who_is_refused_is_not_counted_again(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True)
    guess(app, 10)
    before = attempts(app)

    assert set(guess(app, 20)) == {429}

    assert attempts(app) == before


@on_sqlite
def test_capitals_do_not_make_another_account(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True)

    answers = [sign_in(app, email) for email in ["ada@example.org", "Ada@Example.org "] * 6]

    assert answers[-1].status_code == 429


@on_sqlite
@pytest.mark.parametrize("addresses", [["192.0.2.1"] * 31, [f"2001:db8:1:2:{n:x}::1" for n in range(31)]])
def test_an_address_tries_thirty_times_a_minute(make_app: Callable[..., Flask], addresses: list[str]) -> None:
    app = make_app(ratelimit_enabled=True)

    answers = [sign_in(app, f"user{number}@example.org", address) for number, address in enumerate(addresses)]

    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert sign_in(app, "another@example.org", "2001:db8:1:3::1").status_code == 401


@on_sqlite
@pytest.mark.parametrize("changes", [{}, {"cache_type": "NullCache"}])
def test_all_processes_count_together_with_and_without_a_cache(
    make_app: Callable[..., Flask], changes: dict[str, Any]
) -> None:
    apps = [make_app(ratelimit_enabled=True, **changes), make_app(ratelimit_enabled=True, **changes)]

    answers = [sign_in(apps[number % 2], "ada@example.org").status_code for number in range(11)]

    assert answers == [401] * 10 + [429]


@on_sqlite
def test_no_limit_begins_anew_when_the_cache_forgets_everything(
    make_app: Callable[..., Flask], redis_server: RedisServer
) -> None:
    app = make_app(ratelimit_enabled=True)
    guess(app, 10)

    with redis_server.client() as redis:
        redis.flushall()

    assert guess(app, 1) == [429]


@on_sqlite
def test_while_the_database_counts_nothing_each_process_does(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(ratelimit_enabled=True)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP TABLE attempts"))

    assert guess(app, 12) == [401] * 10 + [429] * 2

    assert len([record for record in caplog.records if "counted in this process alone" in record.message]) == 1


@on_sqlite
def test_attempts_that_count_no_more_are_deleted(make_app: Callable[..., Flask], clock: FakeClock) -> None:
    app = make_app(ratelimit_enabled=True)
    guess(app, 3)

    with app.app_context():
        forget_old_attempts(clock())
        assert attempts(app) > 0
        clock.advance(minutes=2)
        forget_old_attempts(clock())

    assert attempts(app) == 0


@on_sqlite
def test_neither_the_table_nor_the_log_says_what_was_tried_from_where(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = make_app(ratelimit_enabled=True)
    for _ in range(11):
        sign_in(app, "ada@example.org", "192.0.2.77")

    with app.app_context(), reading() as connection:
        kept = str(connection.execute(select(Attempt.__table__)).all())
    said = " ".join(record.getMessage() for record in caplog.records)
    for secret in ("ada@example.org", "192.0.2.77"):
        assert secret not in kept + said


@on_sqlite
@pytest.mark.parametrize("email", ["ada\n2026-11-21 FORGED@example.org", "\x1b[2Jada@example.org", "\u202eada@x.org"])
def test_what_would_forge_a_line_of_the_log_is_no_address(make_app: Callable[..., Flask], email: str) -> None:
    assert sign_in(make_app(ratelimit_enabled=True), email).status_code == 422


@on_sqlite
def _register(app: Flask, email: str) -> int:
    body = {"name": "Mia", "email": email, "password": PASSWORD, "role": "student", "time_zone": "Europe/Berlin"}
    return app.test_client().post("/api/auth/register", json=body).status_code


@on_sqlite
def test_as_many_people_an_hour_register_in_one_network_as_the_operator_says(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True, registrations_per_hour=40)

    answers = [_register(app, f"mia{number}@example.org") for number in range(40)]

    assert answers == [201] * 40
    assert _register(app, "no address") == 422, "what cannot be registered does not count"
    assert _register(app, "mia40@example.org") == 429


def test_who_tries_addresses_out_hears_of_thirty_accounts_an_hour(
    make_app: Callable[..., Flask], clock: FakeClock
) -> None:
    app = make_app(ratelimit_enabled=True)
    for number in range(8):
        _register(app, f"mia{number}@example.org")

    answers = [_register(app, f"mia{number % 8}@example.org") for number in range(30)]
    afterwards = [_register(app, address) for address in ("mia0@example.org", "new@example.org")]
    clock.advance(hours=1)

    assert (answers, afterwards) == ([409] * 30, [429] * 2)
    assert _register(app, "new@example.org") == 201


@on_sqlite
def test_one_address_is_registered_five_times_an_hour_at_most(make_app: Callable[..., Flask]) -> None:
    app = make_app(ratelimit_enabled=True)

    answers = [_register(app, "mia@example.org") for _ in range(6)]

    assert answers == [201, 409, 409, 409, 409, 429]


@pytest.fixture
def own_redis(own_redis_server: RedisServer, make_app: Callable[..., Flask]) -> tuple[RedisServer, Flask]:
    """A server that may be killed, and an application that uses it."""
    return own_redis_server, make_app(ratelimit_enabled=True, redis_url=own_redis_server.url)


@on_sqlite
def test_of_many_requests_that_meet_a_dying_redis_none_fails(own_redis: tuple[RedisServer, Flask]) -> None:
    redis_server, app = own_redis
    sign_in(app, "ada@example.org")
    redis_server.pause()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: sign_in(app, f"{number}@example.org").status_code, range(8)))
    redis_server.resume()

    assert answers == [401] * 8


@on_sqlite
def test_without_redis_all_is_limited_as_ever(own_redis: tuple[RedisServer, Flask]) -> None:
    redis_server, app = own_redis
    redis_server.kill()

    assert guess(app, 11) == [401] * 10 + [429]


@on_sqlite
def test_where_redis_takes_no_writes_wrong_addresses_are_counted_all_the_same(
    own_redis: tuple[RedisServer, Flask],
) -> None:
    redis_server, app = own_redis
    client = app.test_client(use_cookies=False)
    with redis_server.client() as redis:
        redis.replicaof("127.0.0.1", 1)

    answers = [client.get("/api/calendar.ics?token=1.guess").status_code for _ in range(31)]

    assert answers == [404] * 30 + [429]


@on_sqlite
def test_a_present_password_is_guessed_ten_times_a_minute(make_app: Callable[..., Flask], world: World) -> None:
    student = world.student()
    client = make_app(ratelimit_enabled=True).test_client(use_cookies=False)

    def change(**body: str) -> int:
        return client.patch("/api/users/me", json=body, headers=student.headers).status_code

    answers = [change(current_password=f"guess {number}", password="a new and long one") for number in range(11)]

    assert answers[-1] == 429
    assert 429 not in answers[:-1]
    assert change(name="Ada King") == 200, "other changes are not limited"


@on_sqlite
def test_a_present_password_is_guessed_ten_times_a_minute_on_the_page_and_thirty_times_by_all_who_are_signed_in(
    make_app: Callable[..., Flask], world: World
) -> None:
    student = world.student()
    app = make_app(ratelimit_enabled=True)
    thieves = [Visitor(app).sign_in(student).open("/profile") for _ in range(4)]

    def guess_by(visitor: Visitor, times: int) -> list[int]:
        form = visitor.form("/profile/password")
        entered = form.values | {"current_password": "a guess", "new_password": "a new and long one"}
        return [visitor.client.post(form.action, data=entered).status_code for _ in range(times)]

    assert guess_by(thieves[0], 11) == [422] * 10 + [429]
    assert [answer for thief in thieves[1:] for answer in guess_by(thief, 9)] == [422] * 20 + [429] * 7


@on_sqlite
@pytest.mark.parametrize("media_type", ["text/x+json", "application/problem+json", "application/json5", "text/plain"])
def test_nothing_but_json_is_json(world: World, media_type: str) -> None:
    student = world.student()
    body = b'{"current_password": "a guess", "password": "a new and long one"}'
    asked: dict[str, Any] = {"data": body, "content_type": media_type}

    assert student.client.patch("/api/users/me", headers=student.headers, **asked).status_code == 415
    assert student.client.post("/api/auth/login", **asked).status_code == 415
    assert student.client.post("/api/auth/login", data=b"{}", content_type="Application/JSON; x=y").status_code == 422


@on_sqlite
def test_an_account_is_counted_by_the_address_that_is_tried_however_it_is_sent(
    make_app: Callable[..., Flask], world: World
) -> None:
    student = world.student()
    app = make_app(ratelimit_enabled=True)
    guess(app, 10, student.email)
    visitor = Visitor(app).open("/sign-in")
    headers = {"X-CSRFToken": visitor.form().values["csrf_token"], "Referer": "http://localhost/sign-in"}

    answer = visitor.client.post("/sign-in", json={"email": [student.email], "password": [PASSWORD]}, headers=headers)

    assert answer.status_code == 422, "a page takes forms"
    assert sign_in(app, student.email, password=PASSWORD).status_code == 429
    assert visitor.sign_in(student).status == 429


class TestAnOwnerWhoIsKnown:
    """A stranger may try an account as often as they are let: its owner gets in where they did before."""

    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    @pytest.fixture
    def limited(self, make_app: Callable[..., Flask]) -> Flask:
        return make_app(ratelimit_enabled=True)

    def test_signs_in_while_a_stranger_is_refused(self, world: World, limited: Flask) -> None:
        student = world.student()
        visitor = Visitor(limited).sign_in(student)
        visitor.send("/sign-out")

        assert guess(limited, 40, student.email)[-1] == 429
        assert Visitor(limited).sign_in(student).status == 429, "from a browser that is not known"
        visitor.sign_in(student)

        assert visitor.path == "/lessons"

    def test_signs_in_where_they_registered(self, limited: Flask) -> None:
        visitor = Visitor(limited).open("/register")
        entered: dict[str, Any] = {"name": "Mia", "email": "mia@example.org", "password": PASSWORD, "role": "student"}
        visitor.send(time_zone="Europe/Berlin", **entered).send("/sign-out")
        guess(limited, 20, "mia@example.org")

        visitor.open("/sign-in").send(email="Mia@Example.org", password=PASSWORD)

        assert visitor.path == "/lessons"

    def test_has_no_more_attempts_than_anybody(self, world: World, limited: Flask) -> None:
        student = world.student()
        visitor = Visitor(limited).sign_in(student)
        visitor.send("/sign-out")

        answers = [visitor.sign_in(student, "a wrong guess").status for _ in range(10)]

        # The first of the ten in this minute was that of a browser that was not known yet.
        assert answers == [422] * 10
        assert visitor.sign_in(student).status == 429

    def test_is_known_at_their_own_accounts_alone(self, world: World, limited: Flask) -> None:
        student, other = world.student(), world.student()
        visitor = Visitor(limited).sign_in(other)
        visitor.send("/sign-out")
        guess(limited, 10, student.email)

        assert visitor.sign_in(student).status == 429

    def test_has_a_cookie_that_nobody_can_make_or_read(self, world: World, limited: Flask) -> None:
        student = world.student()
        visitor = Visitor(limited).sign_in(student)
        cookie = visitor.client.get_cookie("known-browser")
        visitor.send("/sign-out")
        guess(limited, 10, student.email)
        assert cookie is not None

        # Of the very last character not all bits count.
        begin, changed, end = cookie.value[:-5], "A" if cookie.value[-5] != "A" else "B", cookie.value[-4:]
        visitor.client.set_cookie("known-browser", begin + changed + end)

        assert (cookie.http_only, cookie.same_site) == (True, "Lax")
        assert student.email not in cookie.decoded_value
        assert visitor.sign_in(student).status == 429

    def test_shares_a_browser_with_a_bounded_number_of_others(
        self, world: World, limited: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(known_browsers, "MOST_ACCOUNTS", 2)
        people = [world.student() for _ in range(3)]
        visitor = Visitor(limited)
        for person in people:
            visitor.sign_in(person).send("/sign-out")
        for person in (people[0], people[-1]):
            guess(limited, 10, person.email)

        assert visitor.sign_in(people[0]).status == 429
        assert visitor.sign_in(people[-1]).path == "/lessons"
