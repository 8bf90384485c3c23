"""A real RabbitMQ, which can be started late and killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self

import amqp

from server.children import spawn, stop, wait_until
from support.redis_server import free_port
from support.unavailable import Unavailable

# The package's own command changes to a user that may not look into temporary folders; this is what it calls.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 180


class RabbitServer:
    """A server with a node of its own in a temporary folder.

    It takes some seconds to start, so it has an address at once and is started when a test wants it.
    """

    def __init__(self) -> None:
        if not PROGRAM.exists():
            raise Unavailable("There is no RabbitMQ: install rabbitmq-server.")
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-rabbitmq-"))
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._names_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._names: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        (self.folder / "plugins").write_text("[].")
        with (self.folder / "server.log").open("ab") as log:
            # Erlang would start this one itself, and leave it running.
            line = ("epmd", "-port", str(self._names_port), "-address", "127.0.0.1")
            self._names = self._names or spawn(*line, folder=self.folder, output=log)
            variables = [f"{name}={value}" for name, value in self._environ().items()]
            self._process = spawn("env", *variables, PROGRAM, folder=self.folder, output=log)
        assert wait_until(self._answers, seconds=START_SECONDS), (self.folder / "server.log").read_text()

    def kill(self, *, grace: float = 0) -> None:
        """End the server as a crash would, or in order within `grace` seconds.

        Only then is all on its disk that is to last.
        """
        if self._process is not None:
            stop(self._process, grace=grace)
            self._process = None

    def close(self) -> None:
        """End the server and its name server, and remove the folder."""
        self.kill()
        if self._names is not None:
            stop(self._names, grace=1)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _environ(self) -> dict[str, object]:
        return {
            "HOME": self.folder,
            "ERL_EPMD_PORT": self._names_port,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"lectern{os.getpid()}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": self.port,
            "RABBITMQ_DIST_PORT": free_port(),
            "RABBITMQ_MNESIA_BASE": self.folder / "mnesia",
            "RABBITMQ_LOG_BASE": self.folder / "log",
            "RABBITMQ_CONFIG_FILE": self.folder / "rabbitmq",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.folder / "plugins",
            # Threads that wait without spinning: the tests need the processors themselves.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
        }

    def _answers(self) -> bool:
        with suppress(OSError, amqp.AMQPError), amqp.Connection(f"127.0.0.1:{self.port}", connect_timeout=1):
            return True
        return False
