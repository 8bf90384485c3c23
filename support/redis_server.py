"""A real Redis-protocol server, which can be killed, frozen and started again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import redis

from server.children import CannotStart, spawn, stop, wait_until
from server.embedded_redis import command
from support.unavailable import Unavailable


class RedisServer:
    """A server with the options of the embedded one, in a temporary folder.

    `tcp` has it listen on a port as well.
    """

    def __init__(self, *, tcp: bool = False, options: Sequence[str] = ()) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-redis-"))
        self.socket = self.folder / "redis.sock"
        self.port = free_port() if tcp else 0
        self.url = f"redis://127.0.0.1:{self.port}/0" if tcp else f"unix://{self.socket}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Tell whether the process has not ended, frozen or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers.

        What an earlier one saved in the folder comes back.
        """
        try:
            line = (*command(self.socket), "--port", str(self.port), "--bind", "127.0.0.1", *self._options)
        except CannotStart as error:
            raise Unavailable(str(error)) from None
        with (self.folder / "redis.log").open("ab") as log:
            self._process = spawn(*line, folder=self.folder, output=log)
        assert wait_until(self._answers, seconds=60), (self.folder / "redis.log").read_text()

    def stop(self) -> None:
        """End the server in good order, even if it is frozen."""
        if self._process is not None:
            self.resume()
            stop(self._process, grace=5)

    def kill(self) -> None:
        """End the server as a crash would: the socket file stays."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Stop the server and start it again, at the same address and in the same folder."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the server: connections are accepted by the system, and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Thaw the server."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def config_set(self, name: str, value: str | int) -> None:
        """Change one of the server's own settings while it runs."""
        with self.client() as client:
            client.config_set(name, value)

    def flush(self) -> None:
        """Forget everything."""
        with self.client() as client:
            client.flushall()

    def client(self) -> redis.Redis:
        """Open a client of one's own, which has to be closed."""
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        with self.client() as client, suppress(redis.RedisError):
            return bool(client.ping())
        return False


def free_port() -> int:
    """Find a TCP port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
