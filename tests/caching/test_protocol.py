"""Something answers at Redis's address that is no sound Redis: the database answers, and nobody gets an error."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from redis import RedisError

from caching.tokens import TokenServer
from support.servers import RedisServer
from tests.caching.conftest import PROBE, Probe
from tests.conftest import FakeClock
from tests.support.world import World

HELLO = b"%1\r\n$5\r\nproto\r\n:3\r\n"
INFO = b"$25\r\nrun_id:abc\r\nrole:master\r\n\r\n"


class Impostor:
    """A server that greets like Redis and then answers every command with the same bytes."""

    def __init__(self, path: Path, answer: bytes, *, hangs_up: bool) -> None:
        self.url = f"unix://{path}"
        self._answer = answer
        self._hangs_up = hangs_up
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            while command := connection.recv(65536):
                connection.sendall(self._reply(command))
                if self._hangs_up and b"INFO" not in command and b"CLIENT" not in command:
                    return

    def _reply(self, command: bytes) -> bytes:
        if b"HELLO" in command:
            return HELLO
        if b"CLIENT" in command:
            return b"+OK\r\n" * command.count(b"SETINFO")
        if b"INFO" in command:
            return INFO
        return self._answer


@pytest.fixture(
    params=[
        (b"-LOADING Redis is loading the dataset in memory\r\n", False),
        (b"-NOAUTH Authentication required.\r\n", False),
        (b"-MISCONF Redis is configured to save RDB snapshots\r\n", False),
        (b"-NOPERM this user has no permissions\r\n", False),
        (b"-MOVED 3999 127.0.0.1:6381\r\n", False),
        (b"+OK\r\n", False),
        (b":1\r\n", False),
        (b"*1\r\n$-1\r\n", False),
        (b"*2\r\n$100\r\ncut in the middle", True),
        (b"", True),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True),
    ],
    ids=lambda value: value[0][:12].decode(),
)
def impostor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Impostor]:
    answer, hangs_up = request.param
    server = Impostor(tmp_path / "impostor.sock", answer, hangs_up=hangs_up)
    yield server
    server.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_answers_people_are_served_from_the_database(
    make_app: Callable[..., Flask], clock: FakeClock, impostor: Impostor
) -> None:
    sound = make_app(cache_type="NullCache")
    person = World(sound, clock).student()
    probe = Probe(make_app(redis_url=impostor.url), person.id)

    probe.write("new")

    assert [probe.read() for _ in range(3)] == ["new"] * 3
    assert probe.answer().state == "BYPASS"


@pytest.mark.parametrize(
    "refusal",
    [
        b"-LOADING Redis is loading the dataset in memory\r\n",
        b"-NOAUTH Authentication required.\r\n",
        b"-WRONGPASS invalid username-password pair\r\n",
        b"-ERR max number of clients reached\r\n",
        b"-READONLY You can't write against a read only replica.\r\n",
        b"-BUSY Redis is busy running a script.\r\n",
        b"-MOVED 42 127.0.0.1:7001\r\n",
        b"-ASK 42 127.0.0.1:7001\r\n",
        b"-TRYAGAIN Multiple keys request during rehashing of slot\r\n",
        b"-CLUSTERDOWN Hash slot not served\r\n",
    ],
    ids=lambda refusal: refusal.split()[0].decode(),
)
def test_a_command_that_is_refused_never_counts_as_done(tmp_path: Path, refusal: bytes) -> None:
    server = Impostor(tmp_path / "impostor.sock", refusal, hangs_up=False)
    tokens = TokenServer(server.url)
    tokens.serve("installation")
    tokens.believe(tokens.find())

    for command in (
        lambda: tokens.invalidate([(PROBE(1), "mark")]),
        lambda: tokens.mark([PROBE(1)], "mark"),
        lambda: tokens.publish("key", b"value", 1),
        lambda: tokens.claim_token(PROBE(1)),
        lambda: tokens.read_many(["key"]),
    ):
        with pytest.raises(RedisError):
            command()
    server.close()


def test_a_late_reply_is_never_taken_for_the_answer_to_another_question(
    probe: Probe, redis_server: RedisServer, world: World
) -> None:
    other = Probe(probe.app, world.student().id)
    other.write("other")
    other.read()
    probe.read()
    redis_server.pause()
    assert probe.read() == "old"

    redis_server.resume()

    assert probe.store.breaker.wait_until_closed(20)
    assert [other.read(), probe.read(), other.read()] == ["other", "old", "other"]


@pytest.fixture
def redis_server(own_redis_server: RedisServer) -> RedisServer:
    """A server that may be frozen."""
    return own_redis_server


@pytest.fixture(autouse=True)
def patience_with_redis() -> None:
    """Keep the time limits of production."""


@pytest.fixture(autouse=True)
def long_lease(short_lease: None) -> None:
    """Let leases run out, as the scenarios need it."""
