"""Flask-Caching's promises, kept by our class and our backend: settings, constructor, serializer, `clear`.

Its own test suite runs in `test_upstream.py`; here is what that does not ask.
"""

from __future__ import annotations

import ast
import pickle
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import redis
from cachelib.serializers import JSONSerializer
from flask import Flask, Response, jsonify
from flask_caching import CachedResponse
from redis.exceptions import TimeoutError as RedisTimeoutError
from werkzeug.exceptions import NotFound

from caching import client
from caching.extension import LecternCache
from caching.store import current_store
from config import ROOT
from tests.caching.conftest import Probe
from tests.support.monitor import monitor
from tests.support.servers import RedisServer

OURS = "caching.backend.StampedRedisCache"
PACKAGES = ("accounts", "bookings", "calendars", "demo", "gigs", "reviews", "schedule", "server", "storefront", "web")


@pytest.fixture
def redis_settings(redis_server: RedisServer) -> dict[str, Any]:
    """What a program of its own would configure to use our backend, on a server that is empty."""
    redis_server.flush()
    return {"CACHE_TYPE": OURS, "CACHE_REDIS_URL": redis_server.url}


def program(**settings: Any) -> tuple[Flask, LecternCache]:
    """A program that knows nothing of Lectern but the class of its cache."""
    app = Flask("program")
    app.config.update(settings)
    return app, LecternCache(app)


# The constructor and the settings.


def test_the_constructor_takes_an_application(redis_settings: dict[str, Any]) -> None:
    app = Flask("program")
    app.config.update(redis_settings)

    cache = LecternCache(app, with_jinja2_ext=False)

    with app.app_context():
        cache.set("name", "value")
        assert cache.get("name") == "value"


def test_the_settings_of_the_constructor_and_of_init_app_go_before_those_of_the_application(
    redis_settings: dict[str, Any],
) -> None:
    app = Flask("program")
    app.config.update(redis_settings, CACHE_KEY_PREFIX="application:", CACHE_DEFAULT_TIMEOUT=1, CACHE_AUDIT_SHARE=1)
    cache = LecternCache(config={"CACHE_KEY_PREFIX": "constructor:", "CACHE_DEFAULT_TIMEOUT": 2})

    cache.init_app(app, config={"CACHE_DEFAULT_TIMEOUT": 3})

    with app.app_context():
        store = current_store()
        assert store is not None
        assert (cache.cache.key_prefix, cache.cache.default_timeout, store.default_ttl) == ("constructor:", 3, 3)


def test_keys_and_bytes_are_those_that_the_library_would_store(
    redis_settings: dict[str, Any], redis_server: RedisServer
) -> None:
    theirs, (app, cache) = Flask("theirs"), program(**redis_settings)
    theirs.config.update(redis_settings, CACHE_TYPE="RedisCache")
    library = LecternCache(theirs)

    with app.app_context():
        cache.set_many({"list": [1, (2, 3)], "number": 4})

    with theirs.app_context():
        assert library.get_many("list", "number") == [[1, (2, 3)], 4]
    with redis_server.client() as client_:
        assert sorted(client_.keys()) == [b"flask_cache_list", b"flask_cache_number"]


def test_without_a_url_host_port_database_and_password_are_used(redis_server: RedisServer) -> None:
    with RedisServer(tcp=True) as server:
        with server.client() as admin:
            admin.config_set("requirepass", "se:cr/et@")
        address = {"CACHE_REDIS_HOST": "127.0.0.1", "CACHE_REDIS_PORT": server.port, "CACHE_REDIS_DB": 3}
        app, cache = program(CACHE_TYPE=OURS, CACHE_REDIS_PASSWORD="se:cr/et@", CACHE_KEY_PREFIX="p:", **address)

        with app.app_context():
            cache.set("name", "value")

        with redis.Redis(port=server.port, db=3, password="se:cr/et@") as third:
            assert third.keys() == [b"p:name"]
            third.config_set("requirepass", "")


def test_options_of_the_client_are_passed_on_and_may_change_the_time_limits(redis_settings: dict[str, Any]) -> None:
    app, cache = program(**redis_settings, CACHE_OPTIONS={"socket_timeout": 7, "client_name": "ours"})

    with app.app_context():
        options = cache.cache._write_client.connection_pool.connection_kwargs

    assert (options["socket_timeout"], options["client_name"]) == (7, "ours")
    assert options["socket_connect_timeout"] == client.CONNECT_SECONDS


def test_a_finished_client_is_used_as_it_is(redis_server: RedisServer) -> None:
    with redis_server.client() as ready:
        app, cache = program(CACHE_TYPE=OURS, CACHE_REDIS_HOST=ready, CACHE_KEY_PREFIX="p:")

        with app.app_context():
            cache.set("name", "value")
            assert cache.get("name") == "value"
            assert cache.cache._write_client is ready


def test_errors_of_delete_many_are_ignored_where_the_setting_says_so(redis_settings: dict[str, Any]) -> None:
    for setting in (True, False):
        app, cache = program(**redis_settings, CACHE_IGNORE_ERRORS=setting)

        with app.app_context():
            assert cache.cache.ignore_delete_many_errors is setting


def test_a_serializer_of_ones_own_is_used(redis_settings: dict[str, Any], redis_server: RedisServer) -> None:
    app, cache = program(**redis_settings, CACHE_SERIALIZER=JSONSerializer)

    with app.app_context():
        cache.set("name", {"a": 1})

    with redis_server.client() as client_:
        assert client_.get("flask_cache_name") == b'{"a": 1}'


def test_a_server_that_hangs_is_given_up_and_the_view_answers(
    own_redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "READ_SECONDS", 0.1)
    app, cache = program(CACHE_TYPE=OURS, CACHE_REDIS_URL=own_redis_server.url)
    app.add_url_rule("/", "view", cache.cached()(lambda: "answer"))
    own_redis_server.pause()

    answered = app.test_client().get("/")

    assert answered.text == "answer"
    with app.app_context(), pytest.raises(RedisTimeoutError):
        cache.get("name")


# What views and functions return.


VIEWS: dict[str, Callable[[], Any]] = {
    "text": lambda: "hi",
    "tuple": lambda: ("hi", 418, {"X-Kind": "tuple"}),
    "response": lambda: Response(b"\x00\xff", 202, {"X-Kind": "response"}),
    "json": lambda: jsonify(a=[1, None]),
    "cached response": lambda: CachedResponse(Response("hi", 203), 5),
    "error": lambda: NotFound("no such thing"),
    "bytes": lambda: b"\x00\xff",
}


@pytest.mark.parametrize("kind", VIEWS)
def test_what_a_view_returned_comes_back_from_the_cache_as_it_was(redis_settings: dict[str, Any], kind: str) -> None:
    calls = []
    app, cache = program(**redis_settings)

    @app.get("/")
    @cache.cached()
    def view() -> Any:
        calls.append(kind)
        return VIEWS[kind]()

    first, second = (app.test_client().get("/") for _ in range(2))

    assert (second.status, second.data, second.headers) == (first.status, first.data, first.headers)
    assert calls == [kind]


@pytest.mark.parametrize("value", [(1, (2,)), b"\xff", date(2026, 11, 21), Decimal("1.10"), {1: {2}}, True, 0, ""])
def test_what_a_function_returned_comes_back_from_the_cache_as_it_was(
    redis_settings: dict[str, Any], value: object
) -> None:
    calls = []
    app, cache = program(**redis_settings)

    @cache.memoize()
    def function(number: int) -> object:
        calls.append(number)
        return value

    with app.app_context():
        first, second = function(1), function(1)

    assert (type(second), second) == (type(value), value) == (type(first), first)
    assert calls == [1]


# Clearing.


@pytest.mark.parametrize(("mine", "others"), [("mine:", "others:"), ("m*ne[1]?:", "mine1x:"), ("a\\:", "ab:")])
def test_clearing_one_programs_cache_leaves_everything_else_on_the_server(
    redis_settings: dict[str, Any], redis_server: RedisServer, mine: str, others: str
) -> None:
    app, cache = program(**redis_settings, CACHE_KEY_PREFIX=mine)
    other_app, other_cache = program(**redis_settings, CACHE_KEY_PREFIX=others)
    with app.app_context():
        cache.set_many({str(number): number for number in range(1200)})
    with other_app.app_context():
        other_cache.set("name", "value")
    with redis_server.client() as client_:
        client_.set("a queue", "of a third program")

    with monitor(redis_server) as commands, app.app_context():
        cleared = [cache.clear(), cache.clear()]

    with redis_server.client() as client_:
        assert sorted(client_.keys()) == sorted([b"a queue", f"{others}name".encode()])
    # The library says whether there was something.
    assert cleared == [True, False]
    assert {command.split()[0] for command in commands} & {"KEYS", "FLUSHDB", "FLUSHALL"} == set()


def test_a_prefix_may_be_computed_when_it_is_needed(redis_settings: dict[str, Any], redis_server: RedisServer) -> None:
    app, cache = program(**redis_settings, CACHE_KEY_PREFIX=lambda: "computed:")

    with app.app_context():
        cache.set("name", "value")
        with redis_server.client() as client_:
            assert client_.keys() == [b"computed:name"]
        assert cache.clear()
        assert not cache.has("name")


# Other backends, and several caches.


@pytest.mark.parametrize(
    "cache_type", ["SimpleCache", "NullCache", "flask_caching.backends.RedisCache", "cachelib.SimpleCache"]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_with_a_backend_of_the_librarys_stamped_reads_ask_the_database(
    make_app: Callable[..., Flask], probe: Probe, cache_type: str
) -> None:
    other = probe.at_other(make_app(cache_type=cache_type))

    answers = [other.read(), other.read()]
    other.write("new")
    answers.append(other.read())

    assert answers == ["old", "old", "new"]
    assert other.loads == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_cache_of_an_application_leaves_the_stamped_reads_alone(probe: Probe, tmp_path: Path) -> None:
    second = LecternCache(probe.app, config={"CACHE_TYPE": "SimpleCache", "CACHE_SERIALIZER": None})

    probe.read()
    probe.read()

    assert probe.loads == 1
    with probe.app.app_context():
        second.set("name", "value")
        assert second.get("name") == "value"


def test_a_default_timeout_of_zero_keeps_stamped_answers_for_a_day(redis_settings: dict[str, Any]) -> None:
    app, _ = program(**redis_settings, CACHE_DEFAULT_TIMEOUT=0)

    with app.app_context():
        store = current_store()

    assert store is not None
    assert store.default_ttl == 86_400


# Nothing of others is run.


class Bomb:
    """A pickle that makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.leaves_old_answers
def test_a_pickle_in_place_of_a_stamped_answer_or_a_token_is_never_read(
    probe: Probe, redis_server: RedisServer, tmp_path: Path
) -> None:
    exploded = tmp_path / "exploded"
    bomb = pickle.dumps(Bomb(exploded))
    probe.read()
    with redis_server.client() as attacker:
        for key in attacker.scan_iter():
            # In the place of everything, and of the answer alone, behind a stamp that is true.
            attacker.set(key, bomb if b":tag:" in key else attacker.get(key) + bomb)

    assert probe.read() == "old"

    assert not exploded.exists()
    pickle.loads(bomb)
    assert exploded.exists(), "the bomb is none"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_product_reads_no_pickle_that_it_has_not_written(
    app: Flask, redis_server: RedisServer, tmp_path: Path
) -> None:
    exploded = tmp_path / "exploded"
    cache = LecternCache(app)
    with app.app_context():
        cache.set_many({"views": 1, "page": ("hi", 418)})
        stored = cache.get_many("views", "page")
        with redis_server.client() as attacker:
            (key,) = [key for key in attacker.scan_iter() if key.endswith(b"page")]
            signed = attacker.get(key)
            attacker.set(key, b"!" + pickle.dumps(Bomb(exploded)))
            found = cache.get("page")
            attacker.set(key, signed[:-1] + b"x")
            found_damaged = cache.get("page")

    assert stored == [1, ("hi", 418)]
    assert (found, found_damaged) == (None, None)
    assert not exploded.exists()


def test_no_feature_uses_what_can_be_stale() -> None:
    stock = {"cached", "memoize", "get", "set", "add", "get_many", "set_many", "get_dict"}

    used = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in stock
        if isinstance(node.value, ast.Name) and node.value.id == "cache"
    ]

    assert used == []
