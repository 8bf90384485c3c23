"""What really reaches a Redis server, by its own MONITOR."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.redis_server import RedisServer

_END = "the end of the block"


@contextmanager
def monitor(server: RedisServer) -> Iterator[list[str]]:
    """Collect the commands that clients send during the block, known at its end.

    What a script calls is left out.
    """
    commands: list[str] = []
    with server.client() as watching, server.client() as ours:
        ours.ping()
        with watching.monitor() as stream:
            yield commands
            ours.echo(_END)
            for seen in stream.listen():
                if seen["command"] == f"ECHO {_END}":
                    return
                if seen["client_type"] != "lua":
                    commands.append(seen["command"])
