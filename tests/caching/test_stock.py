"""Flask-Caching's promises, kept by our class and our backend: constructor, settings, other backends, `clear`.

Its own test suite runs in `test_upstream.py`; here is what that does not ask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis
from cachelib.serializers import JSONSerializer
from flask import Flask
from redis.exceptions import TimeoutError as RedisTimeoutError

from caching import cache as product_cache
from caching import client
from caching.extension import LecternCache
from caching.store import current_store
from support.monitor import monitor
from support.servers import RedisServer
from tests.caching.conftest import BACKEND, Probe, program


def backend_of(cache: LecternCache) -> Any:
    """The backend that the settings chose, of whichever class."""
    return cache.cache


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
        assert (backend_of(cache).key_prefix, cache.cache.default_timeout, store.default_ttl) == ("constructor:", 3, 3)


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
    with redis_server.client() as there:
        assert sorted(there.keys()) == [b"flask_cache_list", b"flask_cache_number"]


def test_without_a_url_host_port_database_and_password_are_used(redis_server: RedisServer) -> None:
    with RedisServer(tcp=True) as server:
        with server.client() as admin:
            admin.config_set("requirepass", "se:cr/et@")
        address = {"CACHE_REDIS_HOST": "127.0.0.1", "CACHE_REDIS_PORT": server.port, "CACHE_REDIS_DB": 3}
        app, cache = program(CACHE_TYPE=BACKEND, CACHE_REDIS_PASSWORD="se:cr/et@", CACHE_KEY_PREFIX="p:", **address)

        with app.app_context():
            cache.set("name", "value")

        with redis.Redis(port=server.port, db=3, password="se:cr/et@") as third:
            assert third.keys() == [b"p:name"]
            third.config_set("requirepass", "")


@pytest.mark.parametrize(
    ("settings", "server"),
    [
        ({}, "redis://localhost:6379/0"),
        ({"CACHE_REDIS_URL": "redis://host:1", "CACHE_REDIS_DB": 2}, "redis://host:1/2"),
        ({"CACHE_REDIS_URL": "redis://host:1/3", "CACHE_REDIS_DB": 2}, "redis://host:1/3"),
        ({"CACHE_REDIS_URL": "unix:///a/socket", "CACHE_REDIS_DB": 0}, "unix:///a/socket"),
        ({"CACHE_REDIS_HOST": "host", "CACHE_OPTIONS": {"username": "me", "ssl": True}}, "rediss://me:@host:6379/0"),
    ],
)
def test_stamped_reads_go_to_the_server_and_the_database_of_the_settings(settings: dict[str, Any], server: str) -> None:
    app, cache = program(CACHE_TYPE=BACKEND, **settings)

    with app.app_context():
        assert backend_of(cache).url == server


def test_options_of_the_client_are_passed_on_and_may_change_the_time_limits(redis_settings: dict[str, Any]) -> None:
    app, cache = program(**redis_settings, CACHE_OPTIONS={"socket_timeout": 7, "client_name": "ours"})

    with app.app_context():
        options = backend_of(cache)._write_client.connection_pool.connection_kwargs

    assert (options["socket_timeout"], options["client_name"]) == (7, "ours")
    assert options["socket_connect_timeout"] == client.CONNECT_SECONDS


def test_a_finished_client_is_used_as_it_is(redis_server: RedisServer) -> None:
    with redis_server.client() as ready:
        app, cache = program(CACHE_TYPE=BACKEND, CACHE_REDIS_HOST=ready, CACHE_KEY_PREFIX="p:")

        with app.app_context():
            cache.set("name", "value")
            assert cache.get("name") == "value"
            assert backend_of(cache)._write_client is ready


def test_errors_of_delete_many_are_ignored_where_the_setting_says_so(redis_settings: dict[str, Any]) -> None:
    for setting in (True, False):
        app, cache = program(**redis_settings, CACHE_IGNORE_ERRORS=setting)

        with app.app_context():
            assert cache.cache.ignore_delete_many_errors is setting


def test_a_serializer_of_ones_own_is_used(redis_settings: dict[str, Any], redis_server: RedisServer) -> None:
    app, cache = program(**redis_settings, CACHE_SERIALIZER=JSONSerializer)

    with app.app_context():
        cache.set("name", {"a": 1})

    with redis_server.client() as there:
        assert there.get("flask_cache_name") == b'{"a": 1}'


def test_a_server_that_hangs_is_given_up_and_the_view_answers(
    own_redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "READ_SECONDS", 0.1)
    app, cache = program(CACHE_TYPE=BACKEND, CACHE_REDIS_URL=own_redis_server.url)
    app.add_url_rule("/", "view", cache.cached()(lambda: "answer"))
    own_redis_server.pause()

    answered = app.test_client().get("/")

    assert answered.text == "answer"
    with app.app_context(), pytest.raises(RedisTimeoutError):
        cache.get("name")


def test_an_answer_that_comes_too_late_is_never_taken_for_that_of_another_question(
    own_redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "READ_SECONDS", 0.5)
    app, cache = program(CACHE_TYPE=BACKEND, CACHE_REDIS_URL=own_redis_server.url)

    with app.app_context():
        cache.set_many({"first": 1, "second": 2})
        own_redis_server.pause()
        with pytest.raises(RedisTimeoutError):
            cache.get("first")
        own_redis_server.resume()

        assert [cache.get("second"), cache.get("first")] == [2, 1]


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
    with redis_server.client() as there:
        there.set("a queue", "of a third program")

    with monitor(redis_server) as commands, app.app_context():
        cleared = [cache.clear(), cache.clear()]

    with redis_server.client() as there:
        assert sorted(there.keys()) == sorted([b"a queue", f"{others}name".encode()])
    # The library says whether there was something.
    assert cleared == [True, False]
    assert {command.split()[0] for command in commands} & {"KEYS", "FLUSHDB", "FLUSHALL"} == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_clearing_the_products_cache_forgets_the_stamped_answers_too(probe: Probe) -> None:
    probe.read()

    with probe.app.app_context():
        cleared = [product_cache.clear(), product_cache.clear()]

    assert (probe.read(), probe.loads) == ("old", 2)
    assert cleared == [True, False]


def test_a_prefix_may_be_computed_when_it_is_needed(redis_settings: dict[str, Any], redis_server: RedisServer) -> None:
    app, cache = program(**redis_settings, CACHE_KEY_PREFIX=lambda: "computed:")

    with app.app_context():
        cache.set("name", "value")
        with redis_server.client() as there:
            assert there.keys() == [b"computed:name"]
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
def test_a_second_cache_of_an_application_leaves_the_stamped_reads_alone(probe: Probe) -> None:
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
