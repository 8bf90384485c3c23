"""A server that stops or is reloaded under load: no request fails."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from server.children import wait_until
from support.lectern_server import LecternServer
from support.processes import family, has_ended
from tests.server.clients import ask

CLIENTS = 3
LOGIN = json.dumps({"email": "nobody@example.org", "password": "not the right one"})


def started(folder: Path) -> LecternServer:
    environ = {"WEB_CONCURRENCY": "1", "DRAIN_SECONDS": "1", "RATELIMIT_ENABLED": "0"}
    return LecternServer(folder / "instance", environ)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LecternServer]:
    """A server that goes on after each test."""
    with started(tmp_path_factory.mktemp("reloaded")) as server:
        yield server


class Load:
    """Clients that ask until they are told not to, on connections that they keep and on new ones."""

    def __init__(self, url: str) -> None:
        self._host = url.removeprefix("http://")
        self.over = threading.Event()
        self.statuses: list[int] = []
        self.failures: list[str] = []

    def ask_on_kept_connections(self) -> None:
        """Ask again and again; open another connection only when an answer said that it ends."""
        with closing(http.client.HTTPConnection(self._host, timeout=20)) as connection:
            while not self.over.is_set():
                self._ask(connection, "GET", "/api/gigs")

    def ask_on_new_connections(self) -> None:
        """Send a request that takes a while, each on a connection of its own."""
        while not self.over.is_set():
            with closing(http.client.HTTPConnection(self._host, timeout=20)) as connection:
                self._ask(connection, "POST", "/api/auth/login", LOGIN)

    def _ask(self, connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None) -> None:
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            self.statuses.append(answer.status)
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(repr(error))
            connection.close()


@contextmanager
def under_load(server: LecternServer) -> Iterator[Load]:
    load = Load(server.url)
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        for _ in range(CLIENTS):
            pool.submit(load.ask_on_kept_connections)
        pool.submit(load.ask_on_new_connections)
        try:
            assert wait_until(lambda: {200, 401} <= set(load.statuses), seconds=60)
            yield load
        finally:
            load.over.set()


def readiness(server: LecternServer) -> tuple[int, object]:
    answer = ask(server.url, "/health/ready")
    return answer.status, json.loads(answer.body).get("reason")


PARTS = ("haproxy.cfg", "server.job_runner", "server.webserver", "server.webserver")  # a worker, and what watches it


def processes_of(server: LecternServer) -> set[int]:
    """Wait until there are as many processes as one machine needs, and find them."""

    def find() -> dict[int, str]:
        lines = family(server.process.pid).items()
        return {pid: part for pid, line in lines for part in set(PARTS) if part in line}

    assert wait_until(lambda: tuple(sorted(find().values())) == PARTS, seconds=60), family(server.process.pid)
    return set(find())


def test_a_reload_replaces_all_processes_and_fails_no_request(server: LecternServer) -> None:
    before = processes_of(server)
    descriptors = [os.pidfd_open(pid) for pid in before]

    with under_load(server) as load:
        server.process.send_signal(signal.SIGUSR2)
        server.wait_for("New processes serve now", seconds=240)
        answered = len(load.statuses)
        assert wait_until(lambda: len(load.statuses) > answered + 50, seconds=60)
    assert all(has_ended(descriptor, seconds=60) for descriptor in descriptors)

    assert load.failures == []
    assert set(load.statuses) == {200, 401}
    assert not before & processes_of(server)
    assert readiness(server) == (200, None)


def test_a_reload_that_cannot_be_done_changes_nothing(server: LecternServer) -> None:
    before = processes_of(server)
    versions = "UPDATE alembic_version SET version_num = {}"
    present = _run(server.instance, "SELECT version_num FROM alembic_version")
    _run(server.instance, versions.format("'9999'"))

    server.process.send_signal(signal.SIGUSR2)
    server.wait_for("Nothing was replaced", seconds=240)
    _run(server.instance, versions.format(f"'{present}'"))

    assert processes_of(server) == before
    assert readiness(server) == (200, None)


def test_told_to_stop_it_says_so_first_and_answers_all_that_was_asked(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        with under_load(server) as load:
            server.process.send_signal(signal.SIGTERM)
            assert wait_until(lambda: readiness(server) == (503, "stopping"), seconds=60)
            answered = len(load.statuses)
            assert wait_until(lambda: len(load.statuses) > answered + 10, seconds=60)
            load.over.set()  # as a proxy would that has asked for the readiness
        assert server.wait() == 0

    assert load.failures == []
    assert set(load.statuses) == {200, 401}


def _run(instance: Path, statement: str) -> object:
    with closing(sqlite3.connect(instance / "lectern.db")) as connection, connection:
        row = connection.execute(statement).fetchone()
        return row and row[0]
