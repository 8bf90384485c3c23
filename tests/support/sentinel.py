"""A primary, a replica and three Sentinels as real processes, with the failures that they are there for."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import redis

from server.children import CannotStart, spawn, stop, wait_until
from server.embedded_redis import find_program
from support.redis_server import RedisServer, free_port
from support.unavailable import Unavailable

SERVICE = "lectern"
# Copies begin at once, and the loss of a replica is noticed within a second.
_OPTIONS = ("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", "--min-replicas-max-lag", "1")
_SETTINGS = """
port {port}
bind 127.0.0.1
sentinel monitor {service} 127.0.0.1 {primary} 2
sentinel down-after-milliseconds {service} 1000
sentinel failover-timeout {service} 3000
"""
SECONDS = 30.0


class Sentinels:
    """Two Redis servers that Sentinels watch; which one is the primary changes."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self._folder = Path(tempfile.mkdtemp(prefix="lectern-sentinels-"))
        self._ports = [free_port() for _ in range(3)]
        self.servers: list[RedisServer] = []
        self._sentinels: dict[int, subprocess.Popen[bytes]] = {}
        self._killed: RedisServer | None = None
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        self.url = f"redis+sentinel://{hosts}/{SERVICE}/0"

    def __enter__(self) -> Self:
        self._running.callback(shutil.rmtree, self._folder)
        try:
            self.servers = [self._running.enter_context(RedisServer(tcp=True, options=_OPTIONS)) for _ in range(2)]
            first, second = self.servers
            follow(second, first)
            for port in self._ports:
                self._start_sentinel(port, first.port)
            self.wait_until_whole()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def primary(self) -> RedisServer:
        """The server that the Sentinels name."""
        return next(server for server in self.servers if server.port == self._primary_port())

    @property
    def other(self) -> RedisServer:
        """The server that they do not name: a replica, or a primary that has been replaced."""
        return next(server for server in self.servers if server.port != self._primary_port())

    def client(self) -> redis.Redis:
        """Open a client of the primary, which has to be closed."""
        return self.primary.client()

    def begin_failover(self) -> RedisServer:
        """Have the replica promoted; return the old primary, which goes on taking commands for some ten seconds."""
        old = self.primary
        assert wait_until(self._began, seconds=SECONDS), self._log()
        self.wait_until_replaced(old)
        return old

    def wait_until_replaced(self, old: RedisServer) -> None:
        """Wait until all Sentinels name another primary."""
        assert wait_until(lambda: old.port not in self._named(), seconds=SECONDS), self._log()

    def end_failover(self) -> None:
        """Do to the old primary what the Sentinels do in the end: it follows the new one, and is cut off."""
        follow(self.other, self.primary)

    def wait_until_whole(self) -> None:
        """Wait until there is one primary, with a replica that could take its place."""
        assert wait_until(self._is_whole, seconds=SECONDS), self._log()

    def _is_whole(self) -> bool:
        with suppress(redis.RedisError), self.primary.client() as primary:
            connected = primary.info("replication")["connected_slaves"]
            return connected == 1 and all(self._asked(port, "CKQUORUM") for port in self._ports)
        return False

    def _named(self) -> set[int]:
        """Return the ports of the primaries that the Sentinels name: one, but for a moment."""
        return {int(self._asked(port, "GET-MASTER-ADDR-BY-NAME")[1]) for port in self._ports}

    def _primary_port(self) -> int:
        return int(self._asked(self._ports[0], "GET-MASTER-ADDR-BY-NAME")[1])

    def _began(self) -> bool:
        with suppress(redis.ResponseError):
            return bool(self._asked(self._ports[0], "FAILOVER"))
        return False

    def _asked(self, port: int, question: str) -> Any:
        with redis.Redis(port=port, socket_timeout=5) as sentinel:
            return sentinel.execute_command("SENTINEL", question, SERVICE)

    def kill_primary(self) -> None:
        """End the primary as a crash would."""
        self._killed = self.primary
        self._killed.kill()

    def replace_primary(self) -> None:
        """Wait until the replica has taken the killed one's place, which it then takes itself."""
        assert self._killed is not None
        self.wait_until_replaced(self._killed)
        self._killed.start()
        self.wait_until_whole()

    def kill_sentinel(self) -> None:
        """End the last Sentinel as a crash would."""
        process = self._sentinels[self._ports[-1]]
        process.kill()
        process.wait()

    def replace_sentinel(self) -> None:
        """Start the killed Sentinel again, with what it has written into its file."""
        self._start_sentinel(self._ports[-1])
        self.wait_until_whole()

    def _start_sentinel(self, port: int, primary: int | None = None) -> None:
        settings = self._folder / f"{port}.conf"
        if primary is not None:
            settings.write_text(_SETTINGS.format(port=port, service=SERVICE, primary=primary))
        try:
            program = find_program()
        except CannotStart as error:
            raise Unavailable(str(error)) from None
        with (self._folder / "sentinels.log").open("ab") as log:
            process = spawn(program, settings, "--sentinel", folder=self._folder, output=log)
        self._sentinels[port] = process
        self._running.callback(_end, process)
        assert wait_until(lambda: _answers(port), seconds=60), self._log()

    def _log(self) -> str:
        return (self._folder / "sentinels.log").read_text()


def follow(replica: RedisServer, primary: RedisServer) -> None:
    """Make one server the replica of another, and cut all its connections, as Sentinels do."""
    with replica.client() as client, client.pipeline(transaction=True) as pipeline:
        pipeline.execute_command("REPLICAOF", "127.0.0.1", primary.port)
        pipeline.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        pipeline.execute()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        stop(process, grace=5)


def _answers(port: int) -> bool:
    with suppress(redis.RedisError), redis.Redis(port=port, socket_timeout=5) as sentinel:
        return bool(sentinel.ping())
    return False
