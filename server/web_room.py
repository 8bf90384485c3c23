"""The web server's workers with HAProxy before them, all of which can be replaced while they serve."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from config import Settings, private_socket
from server import front, job_runners
from server.children import CannotStart, wait_until
from server.embedded_redis import private_folder_of
from server.front import Front
from server.job_runners import JobRunner
from server.patience import Patience
from server.web_servers import WebServer, is_healthy_at, stop_all

START_SECONDS = 60.0


class WebRoom:
    """The processes that serve requests at the moment, and earlier ones that finish theirs."""

    def __init__(self, haproxy: Path, listener: socket.socket, instance: Path, patience: Patience) -> None:
        self._front = Front(haproxy, listener, instance)
        self._place = listener.getsockname()[:2]
        self._patience = patience
        self._servers: Sequence[WebServer] = ()
        self._generation = 0
        self._leaving: list[threading.Thread] = []

    def start(self, settings: Settings) -> None:
        """Start the workers, then HAProxy, and wait until they answer through it.

        Raises CannotStart.
        """
        self._servers = self._start_workers(settings)
        self._front.start()
        failed = self._front.has_failed
        answered = wait_until(lambda: bool(failed()) or is_healthy_at(*self._place), seconds=START_SECONDS)
        if not answered or failed():
            raise CannotStart(f"HAProxy did not start. It said: {failed() or 'nothing.'}")

    def replace(self, settings: Settings) -> None:
        """Start new workers, and when they answer let a new HAProxy bring them all requests from now on.

        The old ones finish what they have. Raises CannotStart, and then all is as it was.
        """
        old_servers, self._servers = self._servers, self._start_workers(settings)
        old_front = self._front.replace()
        self._leave(front.retire, old_front, then=lambda: stop_all(old_servers))

    def replace_runner(self, runner: JobRunner) -> None:
        """Do the same with the runner of jobs."""
        self._leave(job_runners.retire, runner.replace())

    def revive(self) -> None:
        """Start again whatever has ended by itself."""
        self._front.revive()
        for server in self._servers:
            server.revive()

    def stop(self) -> None:
        """Take no more connections, finish the open requests, end."""
        self._front.stop()
        stop_all(self._servers)
        for thread in self._leaving:
            thread.join()

    def _start_workers(self, settings: Settings) -> list[WebServer]:
        """Start workers on sockets of their own, and write the configuration that leads to them."""
        sockets = self._sockets(settings)
        servers = [WebServer(path, hang_seconds=self._patience.hang) for path in sockets]
        try:
            start_and_wait(servers)
            self._front.configure(settings, sockets, self._patience)
        except BaseException:
            stop_all(servers)
            raise
        return servers

    def _sockets(self, settings: Settings) -> list[Path]:
        """Name the workers' sockets anew for each generation.

        At a start remove those that a killed server has left. A worker removes its socket when it ends, and one that
        is late must not remove that of its successor.
        """
        self._generation += 1
        stem = f"web-{os.getpid()}-{self._generation}"
        names = [f"{stem}-{number}.sock" for number in range(1, settings.web_concurrency + 1)]
        sockets = [private_folder_of(private_socket(settings.instance, it), settings.instance) / it for it in names]
        if self._generation == 1:
            for left in sockets[0].parent.glob("web-*.sock"):
                left.unlink(missing_ok=True)
        return sockets

    def _leave(
        self,
        retire: Callable[[subprocess.Popen[bytes] | None], None],
        process: subprocess.Popen[bytes] | None,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Let processes finish on a thread, so that the new ones are looked after meanwhile."""

        def finish() -> None:
            retire(process)
            then()

        self._leaving = [thread for thread in self._leaving if thread.is_alive()]
        thread = threading.Thread(target=finish, name="lectern-leaving")
        thread.start()
        self._leaving.append(thread)


def start_and_wait(servers: Sequence[WebServer]) -> None:
    """Start web servers and wait until all of them answer.

    Raises CannotStart.
    """
    for server in servers:
        server.start()
    ready = wait_until(
        lambda: any(server.has_ended() for server in servers) or all(server.answers() for server in servers),
        seconds=START_SECONDS,
    )
    if not ready or any(server.has_ended() for server in servers):
        raise CannotStart("The web server did not start; the lines above say why.")
