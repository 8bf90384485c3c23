"""What can be done to a Redis server while people are using it.

Each fault ends when its block does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import redis

from support.servers import RedisServer

PAUSE = 1.0


@contextmanager
def mistreat(server: RedisServer, fault: str) -> Iterator[None]:
    """Do `fault` to the server again and again until the block ends, then leave it sound."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(PAUSE):
            with suppress(redis.RedisError):
                FAULTS[fault](server, over)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _nothing(server: RedisServer, over: threading.Event) -> None:
    return


def _kill(server: RedisServer, over: threading.Event) -> None:
    server.kill()
    over.wait(PAUSE)
    server.start()


def _freeze(server: RedisServer, over: threading.Event) -> None:
    server.pause()
    over.wait(1.5)
    server.resume()


def _flush(server: RedisServer, over: threading.Event) -> None:
    server.flush()


def _fill(server: RedisServer, over: threading.Event) -> None:
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("maxmemory", 1)
    over.wait(PAUSE)
    server.config_set("maxmemory", 0)


def _evict(server: RedisServer, over: threading.Event) -> None:
    server.config_set("maxmemory-policy", "allkeys-random")
    with server.client() as client:
        used = int(client.info("memory")["used_memory"])
    server.config_set("maxmemory", used - 20_000)
    over.wait(PAUSE)
    server.config_set("maxmemory", 0)


def _change_the_password(server: RedisServer, over: threading.Event) -> None:
    server.config_set("requirepass", "changed")
    with redis.Redis.from_url(server.url, password="changed", socket_timeout=5) as client:
        client.client_kill_filter(_type="normal", skipme=True)
        over.wait(PAUSE)
        client.config_set("requirepass", "")


def _bring_back_old_memory(server: RedisServer, over: threading.Event) -> None:
    with server.client() as client:
        client.save()
    over.wait(PAUSE / 2)
    server.kill()
    server.start()


def _forbid_writes(server: RedisServer, over: threading.Event) -> None:
    with server.client() as client:
        client.replicaof("127.0.0.1", 1)
        over.wait(PAUSE)
        client.replicaof("NO", "ONE")


def _cut_connections(server: RedisServer, over: threading.Event) -> None:
    with server.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)


FAULTS: dict[str, Callable[[RedisServer, threading.Event], None]] = {
    "none": _nothing,
    "kill": _kill,
    "freeze": _freeze,
    "flush": _flush,
    "full": _fill,
    "evict": _evict,
    "password": _change_the_password,
    "old-memory": _bring_back_old_memory,
    "read-only": _forbid_writes,
    "cut": _cut_connections,
}
