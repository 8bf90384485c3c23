"""The list middleware: it answers as the application would, only when it may, and what it says is never old."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from werkzeug.test import EnvironBuilder

from caching.kept_answers import KeptAnswers
from caching.store import EXTENSION, Store
from database import writing
from observations import write_down
from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.conftest import FakeClock
from tests.support.both_ways import alone, ask, middleware_of
from tests.support.world import PASSWORD, Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def environ(person: Person | None, query: str = "", path: str = "/api/bookings", **more: Any) -> dict[str, Any]:
    headers = (person.headers if person else {}) | more.pop("headers", {})
    return EnvironBuilder(path, query_string=query, headers=headers, **more).get_environ()


def is_answered(app: Flask, asked: dict[str, Any]) -> bool:
    """Whether the middleware answers by itself."""
    return ask(alone(middleware_of(app)), asked)[0] != "000 DECLINED"


def kept_of(app: Flask) -> KeptAnswers:
    """What this process keeps of answers."""
    store: Store = app.extensions[EXTENSION]
    return store.kept


@pytest.fixture
def student(world: World) -> Person:
    """Somebody with a lesson, whose list has been read once."""
    student = world.student()
    world.booking(student, world.gig(world.teacher()))
    assert student.get("/api/bookings").headers["X-Cache"] == "MISS"
    return student


@pytest.mark.middleware_not_compared
def test_a_hit_is_answered_by_the_middleware(world: World, student: Person) -> None:
    with count_queries() as statements:
        status, headers, body = ask(alone(middleware_of(world.app)), environ(student))

    assert status == "200 OK"
    assert (headers, body) == ask(middleware_of(world.app).app, environ(student))[1:]
    assert body.endswith(b'"cached":true}')
    assert statements == []


@on_sqlite
@pytest.mark.parametrize(
    "changes",
    [
        {"method": "POST"},
        {"headers": {"Range": "bytes=0-1"}},
        {"headers": {"If-Modified-Since": "Sat, 21 Nov 2026 09:30:00 GMT"}},
        {"headers": {"If-None-Match": "*"}},
        {"headers": {"If-None-Match": '"strong"'}},
        {"headers": {"Authorization": "Basic eDp5"}},
        {"headers": {"Authorization": "Bearer not-a-token"}},
        {"data": b"{}"},
        {"query": "limit=0"},
        {"query": "unknown=1"},
    ],
    ids=str,
)
def test_in_any_doubt_it_declines(world: World, student: Person, changes: dict[str, Any]) -> None:
    assert is_answered(world.app, environ(student))

    assert not is_answered(world.app, environ(student, **changes))


@on_sqlite
def test_nobody_is_let_in_without_a_token(world: World, student: Person) -> None:
    assert not is_answered(world.app, environ(None))
    assert world.anyone.get("/api/bookings").status_code == 401


@on_sqlite
@pytest.mark.middleware_not_compared
@pytest.mark.parametrize(
    ("path", "query"),
    [("/api/gigs", ""), ("/api/gigs", "sort=price&limit=1"), ("/api/gigs/categories", ""), ("/api/teachers", "q=t")],
)
def test_what_everybody_may_see_is_answered_with_one_token_or_none(
    world: World, student: Person, path: str, query: str
) -> None:
    app = middleware_of(world.app).app
    for asked in (environ(student, query, path), environ(None, query, path)):
        ask(app, dict(asked))

        assert ask(alone(middleware_of(world.app)), dict(asked)) == ask(app, dict(asked))
    assert not is_answered(world.app, environ(student, query, path, headers={"Authorization": "Bearer not-a-token"}))


@on_sqlite
@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("admin", "/api/users"),
        ("admin", "/api/bookings"),
        ("teacher", "/api/gigs/mine"),
        ("student", "/api/waitlist"),
        ("student", "/api/reviews?user_id={teacher}"),
    ],
)
def test_every_declared_list_is_answered_and_others_are_refused(world: World, role: str, path: str) -> None:
    people = {"student": world.student(), "teacher": world.teacher(), "admin": world.sign_in(world.admin())}
    where, _, query = path.format(teacher=people["teacher"].id).partition("?")
    asked = environ(people[role], query, where)
    ask(world.app.wsgi_app, dict(asked))

    assert is_answered(world.app, dict(asked))

    if where in ("/api/users", "/api/gigs/mine"):
        other = environ(people["student"], query, where)
        for _ in range(2):
            assert ask(world.app.wsgi_app, dict(other))[0] == "403 FORBIDDEN"


@on_sqlite
@pytest.mark.middleware_not_compared
@pytest.mark.parametrize("known", [False, True])
def test_a_head_has_the_headers_of_a_get_and_no_body(world: World, student: Person, known: bool) -> None:
    etag = student.get("/api/bookings").headers["ETag"]
    asked = environ(student, headers={"If-None-Match": etag} if known else {})

    status, headers, _ = ask(alone(middleware_of(world.app)), dict(asked))
    head = ask(alone(middleware_of(world.app)), asked | {"REQUEST_METHOD": "HEAD"})

    assert head == (status, headers, b"")
    assert head == ask(middleware_of(world.app).app, asked | {"REQUEST_METHOD": "HEAD"})


@on_sqlite
def test_who_has_signed_out_is_refused_each_time_even_what_everybody_may_see(world: World, student: Person) -> None:
    other = world.student()
    for _ in range(2):
        assert other.get("/api/gigs").status_code == 200
    assert student.post("/api/auth/logout").status_code == 204

    # The first refusal leaves behind that there is no such sign-in any more, and the next ones find that.
    assert [student.get("/api/gigs").status_code for _ in range(3)] == [401] * 3


@on_sqlite
@pytest.mark.parametrize("query", ["user_id=999", "user_id={student}", "filter=recent&user_id={teacher}"])
def test_a_list_that_does_not_exist_or_depends_on_the_time_is_left_to_the_application(
    world: World, student: Person, query: str
) -> None:
    query = query.format(student=student.id, teacher=world.teacher().id)
    status = 200 if "recent" in query else 404

    for _ in range(2):
        assert student.get(f"/api/reviews?{query}").status_code == status

    assert not is_answered(world.app, environ(student, query, "/api/reviews"))


@on_sqlite
def test_free_times_are_left_to_the_application(world: World, student: Person) -> None:
    assert not is_answered(world.app, environ(student, "free_at=2026-11-23T09:00:00Z", "/api/gigs"))


@on_sqlite
def test_it_declines_while_a_transaction_may_be_open(world: World, student: Person) -> None:
    with world.app.app_context(), writing():
        assert not is_answered(world.app, environ(student))


@on_sqlite
def test_what_is_known_already_is_a_304(world: World, student: Person) -> None:
    etag = student.get("/api/bookings").headers["ETag"]

    known = ask(alone(middleware_of(world.app)), environ(student, headers={"If-None-Match": etag}))
    other = ask(alone(middleware_of(world.app)), environ(student, headers={"If-None-Match": f'W/"{"0" * 32}"'}))

    assert known[0] == "304 NOT MODIFIED"
    assert known[2] == b""
    assert other[0] == "200 OK"


@pytest.mark.parametrize("end", ["sign-out", "new password", "new role", "deactivation", "time"])
def test_whoever_may_not_ask_any_more_is_refused_at_once(
    world: World, student: Person, clock: FakeClock, end: str
) -> None:
    assert is_answered(world.app, environ(student))

    match end:
        case "sign-out":
            assert student.post("/api/auth/logout").status_code == 204
        case "new password":
            body = {"password": "another horse battery", "current_password": PASSWORD}
            assert student.patch("/api/users/me", body).status_code == 200
        case "new role":
            world.operator("accounts", "set-role", student.email, "teacher")
        case "deactivation":
            world.operator("accounts", "deactivate", student.email)
        case "time":
            clock.advance(minutes=15)

    assert not is_answered(world.app, environ(student))
    assert student.get("/api/bookings").status_code == (200 if end == "new role" else 401)


def test_a_change_is_seen_at_once_in_another_process_too(
    world: World, make_app: Callable[..., Flask], student: Person
) -> None:
    other = make_app()
    for app in (world.app, other):
        assert is_answered(app, environ(student))

    booking = student.get("/api/bookings").json["data"][0]
    student.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})

    for app in (world.app, other):
        assert b'"cancelled"' in ask(app.wsgi_app, environ(student))[2]
        assert is_answered(app, environ(student))


@on_sqlite
def test_one_persons_list_is_never_anothers(world: World, student: Person) -> None:
    stranger = world.student()
    stranger.get("/api/bookings")

    assert is_answered(world.app, environ(stranger))
    assert stranger.get("/api/bookings").json["data"] == []


@on_sqlite
def test_a_dead_redis_is_left_to_the_application(
    world: World, student: Person, make_app: Callable[..., Flask], own_redis_server: RedisServer
) -> None:
    app = make_app(redis_url=own_redis_server.url)
    store = app.extensions[EXTENSION]
    ask(app.wsgi_app, environ(student))
    assert store.breaker.wait_until_closed(20), "the other server has to be chosen first"
    ask(app.wsgi_app, environ(student))
    assert is_answered(app, environ(student))
    own_redis_server.stop()

    status, headers, _ = ask(app.wsgi_app, environ(student))

    assert status == "200 OK"
    assert ("X-Cache", "BYPASS") in headers


@on_sqlite
@pytest.mark.middleware_not_compared
def test_it_counts_what_the_application_counts(world: World, student: Person) -> None:
    by_way = []
    for way in (alone(middleware_of(world.app)), middleware_of(world.app).app):
        before = _counts()
        ask(way, environ(student))
        by_way.append({name: value - before.get(name, 0) for name, value in _counts().items()})

    assert by_way[0] == by_way[1]
    assert sum(by_way[0].values()) == 3


def _counts() -> dict[Any, float]:
    """How many reads were hits, and how many requests were answered."""
    write_down()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name in ("lectern_cache_reads_total", "lectern_http_request_seconds_count") and sample.value
    }


WORDS = ("", "0", "1", "20", "100", "101", "-1", "pending", "accepted", "starts_at", "-starts_at")
SIGNS = ("%", "%ff", "+", "é")
INSTANTS = ("2026-11-21T00:00:00Z", "2026-11-21T00:00:00+01:00", "2027-11-21T00:00:00Z", "WyItc3RhcnRzX2F0IiwxLDFd")
NAMES = ("limit", "status", "from", "to", "order", "cursor", "statuses", "page", "", "LIMIT", "%6cimit")
PAIRS = st.tuples(st.sampled_from(NAMES), st.sampled_from((*WORDS, *SIGNS, *INSTANTS))).map("=".join)
QUERIES = st.lists(PAIRS, max_size=4).map("&".join) | st.text("=&%;+?#abclimit0129\x7f\xe9", max_size=12)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_HOST": st.sampled_from(["example.org", "a b", "", "[::1]:80", "é".encode().decode("latin-1")]),
        "HTTP_ACCEPT": st.sampled_from(["text/html", "*/*;q=0", "nonsense"]),
        "HTTP_COOKIE": st.sampled_from(["", "session=abc", "a"]),
        "HTTP_IF_NONE_MATCH": st.sampled_from(["*", "", 'W/"x"', "the list's own", 'W/"1", the list\'s own']),
        "HTTP_RANGE": st.just("bytes=0-3"),
        "HTTP_IF_MODIFIED_SINCE": st.just("Sat, 21 Nov 2026 09:30:00 GMT"),
        "HTTP_X_FORWARDED_FOR": st.just("10.0.0.1"),
        "CONTENT_LENGTH": st.sampled_from(["0", "5", "", "x", "2000000"]),
        "REQUEST_METHOD": st.sampled_from(["GET", "HEAD", "OPTIONS", "get", "DELETE"]),
        "SCRIPT_NAME": st.sampled_from(["", "/app"]),
        "PATH_INFO": st.sampled_from(["/api/bookings/", "//api/bookings", "/api/Bookings", "/api/gigs"]),
    },
)
AUTHORIZATIONS = st.sampled_from(["{}", " {}", "{} ", "{},{}", "{}x", "", "{} {}"])
SCHEMES = st.sampled_from(["Bearer ", "bearer  ", "BEARER ", "Basic ", "Bearer", "Bearer\t", ""])


@on_sqlite
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES, headers=HEADERS, scheme=SCHEMES, token=AUTHORIZATIONS)
def test_whatever_is_asked_both_ways_lead_to_the_same_answer(
    world: World, student: Person, query: str, headers: dict[str, str], scheme: str, token: str
) -> None:
    etag = student.get("/api/bookings").headers["ETag"]
    asked = environ(student) | {
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": scheme + token.format(*[student.token] * 2),
    }
    asked |= {name: value.replace("the list's own", etag) for name, value in headers.items()}
    app = middleware_of(world.app).app
    ask(app, dict(asked))

    assert ask(world.app.wsgi_app, dict(asked)) == ask(app, dict(asked))


@on_sqlite
def test_a_list_that_was_damaged_in_redis_is_read_anew(
    world: World, student: Person, redis_server: RedisServer
) -> None:
    assert is_answered(world.app, environ(student))
    with redis_server.client() as client:
        (key,) = client.scan_iter(f"lectern:*:val:{{user:{student.id}}}:bookings:*")
        client.set(key, client.get(key)[:-1] + b"x")
    kept_of(world.app).forget_all()

    assert not is_answered(world.app, environ(student))
    assert student.get("/api/bookings").headers["X-Cache"] == "MISS"


@on_sqlite
@pytest.mark.middleware_not_compared
def test_a_hit_asks_for_tokens_alone_where_the_process_keeps_the_answer(
    world: World, student: Person, redis_server: RedisServer
) -> None:
    with monitor(redis_server) as commands:
        assert is_answered(world.app, environ(student))
        kept_of(world.app).forget_all()
        assert is_answered(world.app, environ(student))

    asked = [command.split()[1:] for command in commands if command.startswith("MGET")]
    assert [[key.split(":")[2] for key in keys] for keys in asked] == [["tag", "tag"], ["tag", "tag", "val", "val"]]


@on_sqlite
@pytest.mark.middleware_not_compared
def test_a_question_spelled_in_another_way_finds_the_same_answer(world: World, student: Person) -> None:
    ask(world.app.wsgi_app, environ(student, "limit=20&order=-starts_at"))
    kept = kept_of(world.app).bytes

    for query in ("order=-starts_at&limit=20", "limit=%320&order=-starts_at"):
        assert is_answered(world.app, environ(student, query))

    assert kept_of(world.app).bytes == kept


@on_sqlite
@pytest.mark.middleware_not_compared
def test_what_is_kept_of_answers_is_bounded_in_bytes(
    world: World, student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = kept_of(world.app)
    monkeypatch.setattr(kept, "_most_bytes", 20_000)

    for limit in range(1, 31):
        asked = environ(student, f"limit={limit}")
        ask(world.app.wsgi_app, dict(asked))
        assert is_answered(world.app, dict(asked))

    assert 0 < kept.bytes <= 20_000
    assert is_answered(world.app, environ(student, "limit=1")), "what is not kept is answered, too"


@on_sqlite
@pytest.mark.middleware_not_compared
def test_a_long_answer_is_given_and_not_kept(world: World, student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_of(world.app)
    kept.forget_all()
    monkeypatch.setattr("caching.kept_answers.LONGEST_ANSWER", 10)

    ask(world.app.wsgi_app, environ(student))

    assert is_answered(world.app, environ(student))
    assert kept.bytes == 0


@on_sqlite
@pytest.mark.middleware_not_compared
def test_a_kept_answer_does_not_outlive_its_ttl(
    world: World, student: Person, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_answered(world.app, environ(student))
    with redis_server.client() as client:
        (key,) = client.scan_iter(f"lectern:*:val:{{user:{student.id}}}:bookings:*")
        lives = cast(int, client.ttl(key))
        client.delete(key)
    assert is_answered(world.app, environ(student)), "it is kept, and its tag has not changed"

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + lives + 1)

    assert not is_answered(world.app, environ(student))


@on_sqlite
@pytest.mark.parametrize(
    "long",
    [
        {"QUERY_STRING": "&".join(["status=pending"] * 100)},
        {"HTTP_HOST": f"localhost:{'1' * 1_500}"},
        {"HTTP_COOKIE": f"other={'x' * 1_500}"},
    ],
    ids=lambda long: next(iter(long)),
)
def test_a_very_long_question_is_left_to_the_application_and_not_remembered(
    world: World, student: Person, long: dict[str, str]
) -> None:
    asked = environ(student) | long
    ask(world.app.wsgi_app, dict(asked))
    remembered = middleware_of(world.app)._question.cache_info().currsize

    assert not is_answered(world.app, dict(asked))
    assert middleware_of(world.app)._question.cache_info().currsize == remembered


@on_sqlite
def test_what_is_added_to_the_headers_of_one_answer_is_not_in_the_next(world: World, student: Person) -> None:
    def answer() -> list[tuple[str, str]]:
        said: list[Any] = []
        alone(middleware_of(world.app))(environ(student), lambda *start: said.extend(start))
        return cast("list[tuple[str, str]]", said[1])

    answer().append(("Set-Cookie", "session=someone"))

    assert ("Set-Cookie", "session=someone") not in answer()
