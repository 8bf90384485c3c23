"""The real servers that tests of other features lean on do what those tests believe."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from support import postgres_server
from support.servers import PostgresServer, RedisServer
from support.unavailable import Unavailable
from tests.support.left_out import leave_out


def ask_quickly(server: RedisServer) -> bool:
    with redis.Redis.from_url(server.url, socket_timeout=0.05) as client:
        return bool(client.ping())


def test_a_paused_redis_accepts_connections_and_answers_nothing(own_redis_server: RedisServer) -> None:
    own_redis_server.pause()
    with pytest.raises(redis.TimeoutError):
        ask_quickly(own_redis_server)
    own_redis_server.resume()
    with own_redis_server.client() as client:
        assert client.ping()


def test_a_killed_redis_refuses_connections_until_it_is_started_again(own_redis_server: RedisServer) -> None:
    own_redis_server.kill()
    with pytest.raises(redis.ConnectionError):
        ask_quickly(own_redis_server)
    own_redis_server.start()
    assert ask_quickly(own_redis_server)


def test_a_restarted_redis_has_what_was_saved(own_redis_server: RedisServer) -> None:
    with own_redis_server.client() as client:
        client.set("memory", "old")
        client.save()
    own_redis_server.restart()
    with own_redis_server.client() as client:
        assert client.get("memory") == b"old"


def test_a_redis_on_a_port_keeps_it_when_it_is_restarted() -> None:
    with RedisServer(tcp=True) as server:
        url = server.url
        server.restart()
        assert server.url == url
        assert ask_quickly(server)


def test_a_paused_redis_can_be_closed() -> None:
    with RedisServer() as server:
        server.pause()
    assert not server.folder.exists()


@pytest.fixture
def postgres_of_the_wheel(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(postgres_server, "INSTALLED", Path("/nowhere"))
    with PostgresServer() as server:
        yield server


def test_postgres_from_the_wheel_serves_databases_with_btree_gist(postgres_of_the_wheel: PostgresServer) -> None:
    url = postgres_of_the_wheel.create_database("school")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE EXTENSION btree_gist")


def test_a_database_can_be_copied(postgres_server: PostgresServer) -> None:
    postgres_server.create_database("model")
    copy = postgres_server.create_database("copy", template="model")
    with psycopg.connect(copy.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    postgres_server.drop_database("copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(copy.replace("+psycopg", ""))


def test_what_is_missing_is_skipped_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Left out: no browser"):
        leave_out(Unavailable("no browser"))


def test_what_is_missing_is_a_failure_on_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no browser"):
        leave_out(Unavailable("no browser"))
