"""`make run` from outside: a real server, real signals, real processes."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis

from config import ROOT, embedded_redis_url
from server.children import wait_until
from support.lectern_server import LecternServer
from support.processes import family, has_ended
from tests.server.clients import has_been_read, is_healthy

Start = Callable[..., LecternServer]


@pytest.fixture
def start_lectern(start_lectern: Start) -> Start:
    """One worker process is enough for most of these tests."""
    return partial(start_lectern, WEB_CONCURRENCY="1")


@pytest.fixture(scope="module")
def mended_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LecternServer]:
    """A server of which several tests kill a part.

    Whatever they did, it ends in good order.
    """
    with LecternServer(tmp_path_factory.mktemp("mended") / "instance", {"WEB_CONCURRENCY": "1"}) as server:
        yield server
        assert server.stop() == 0


def ask(server: LecternServer, method: str, path: str, body: Any = None) -> int:
    """Send a request and return the status of the answer."""
    host = server.url.removeprefix("http://")
    with contextlib.closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
        return connection.getresponse().status


def child(server: LecternServer, part: str) -> int:
    """Wait for the process of the whole family whose command line has `part` in it, and find it, the eldest first."""
    return _first(lambda: [pid for pid, line in family(server.process.pid).items() if part in line])


def worker_of(server: LecternServer) -> int:
    """Wait until the one web server has a worker process, and find it."""
    web = child(server, "server.webserver")
    return _first(lambda: [pid for pid in family(web) if pid != web])


def _first(find: Callable[[], list[int]]) -> int:
    found: list[int] = []

    def look() -> bool:
        found.extend(find())
        return bool(found)

    assert wait_until(look, seconds=60)
    return found[0]


def test_it_starts_a_redis_server_and_the_wanted_number_of_workers(start_lectern: Start) -> None:
    server = start_lectern(WEB_CONCURRENCY="3")
    commands = list(family(server.process.pid).values())
    assert ask(server, "GET", "/health") == 200
    assert sum("redis.sock" in command for command in commands) == 1
    assert sum("server.webserver" in command for command in commands) == 3 * 2  # each with a process that watches it


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_good_order_and_leaves_no_process(start_lectern: Start, number: signal.Signals) -> None:
    server = start_lectern()
    processes = [os.pidfd_open(pid) for pid in family(server.process.pid)]

    assert server.stop(number) == 0

    assert all(has_ended(process) for process in processes)
    left = {path.name for path in server.instance.iterdir()}
    assert not {name for name in left if name.endswith((".sock", "-wal", "-shm"))}


def test_an_open_request_is_finished_before_the_server_ends(start_lectern: Start) -> None:
    server = start_lectern()
    host, port = server.url.removeprefix("http://").split(":")
    body = b'{"email": "nobody@example.org", "password": "not the right one"}'
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        # The answer "100 Continue" tells that the application has begun to read what this client has yet to send.
        connection.sendall(
            b"POST /api/auth/login HTTP/1.1\r\nHost: %b\r\nExpect: 100-continue\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (host.encode(), len(body))
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("Stopping")
        connection.sendall(body)
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 401")
    assert server.wait() == 0


def test_an_open_request_is_finished_even_if_every_process_is_told_to_stop(start_lectern: Start) -> None:
    server = start_lectern()
    credentials = {"email": "nobody@example.org", "password": "not the right one"}
    host = server.url.removeprefix("http://")
    with contextlib.closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        connection.request("POST", "/api/auth/login", json.dumps(credentials), {"Content-Type": "application/json"})
        # HAProxy has read it, and so it answers it; what waits for being accepted is lost when a port is closed.
        assert wait_until(partial(has_been_read, connection.sock), seconds=20)
        for pid in family(server.process.pid):
            # One that looked after something for a moment may have ended meanwhile.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        assert connection.getresponse().status in (401, 503)  # 503: it had not reached a worker yet

    assert server.wait() == 0


def test_a_second_signal_does_not_disturb_the_end(start_lectern: Start) -> None:
    server = start_lectern()
    server.process.send_signal(signal.SIGINT)
    server.process.send_signal(signal.SIGTERM)
    assert server.wait() == 0
    assert "Traceback" not in server.output, server.output


def test_at_every_start_the_demo_sign_ins_are_printed_and_work_and_the_data_is_kept(start_lectern: Start) -> None:
    ada = {"email": "ada@example.org", "password": "analytical engine"}
    person = ada | {"name": "Ada", "role": "student", "time_zone": "Europe/London"}
    printed = []
    for status_of_a_new_person in (201, 409):
        server = start_lectern(DEMO_DATA="1")
        assert ask(server, "POST", "/api/auth/register", person) == status_of_a_new_person
        printed.append(re.findall(r"^  (\w+) +(\S+@\S+) +(\S+)$", server.output, re.MULTILINE))
        statuses = {
            ask(server, "POST", "/api/auth/login", {"email": email, "password": password})
            for email, password in [row[1:] for row in printed[-1]] + [tuple(ada.values())]
        }
        assert statuses == {200}
        server.stop()
    assert printed[0] == printed[1]
    assert {role for role, _, _ in printed[0]} == {"student", "teacher", "office", "admin"}


def test_it_can_be_started_again_after_it_was_killed(start_lectern: Start) -> None:
    server = start_lectern()
    processes = [os.pidfd_open(pid) for pid in family(server.process.pid)]
    server.process.kill()
    server.wait()
    assert all(has_ended(process) for process in processes)

    assert ask(start_lectern(), "GET", "/health") == 200


def test_a_redis_server_that_dies_is_started_again(mended_server: LecternServer) -> None:
    os.kill(child(mended_server, "redis.sock"), signal.SIGKILL)
    mended_server.wait_for("Redis server has ended .*; starting it again")
    with redis.Redis.from_url(embedded_redis_url(mended_server.instance)) as client:

        def answers() -> bool:
            with contextlib.suppress(redis.ConnectionError):
                return bool(client.ping())
            return False

        assert wait_until(answers, seconds=60)


def test_a_worker_that_dies_again_and_again_is_replaced_each_time(mended_server: LecternServer) -> None:
    for _ in range(3):
        os.kill(worker_of(mended_server), signal.SIGKILL)
        assert wait_until(lambda: is_healthy(mended_server.url), seconds=60)


def test_a_web_server_or_a_runner_of_jobs_that_dies_is_started_again(mended_server: LecternServer) -> None:
    server = mended_server
    web, jobs = child(server, "server.webserver"), child(server, "server.job_runner")

    os.kill(web, signal.SIGKILL)
    os.kill(jobs, signal.SIGKILL)

    server.wait_for(rf"web server has ended \(process {web} was ended by SIGKILL\); starting it again")
    server.wait_for(rf"runner of jobs has ended \(process {jobs} was ended by SIGKILL\); starting it again")
    assert wait_until(lambda: is_healthy(server.url), seconds=60)
    assert wait_until(lambda: child(server, "server.job_runner") != jobs, seconds=60)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = LecternServer(tmp_path, {"PORT": str(port)})
        assert server.wait() == 1
    assert f"port {port}, cannot be used: Address already in use" in server.output


def test_a_second_start_in_the_same_folder_is_refused(start_lectern: Start) -> None:
    server = start_lectern()
    counted = set((server.instance / "metrics").iterdir())
    for environ in ({}, {"CACHE_TYPE": "NullCache"}):
        second = LecternServer(server.instance, environ)

        assert second.wait() == 1
        assert "another `make run`" in second.output
        assert ask(server, "GET", "/health") == 200
        assert counted <= set((server.instance / "metrics").iterdir())


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PORT": "eighty"}, "PORT"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY"),
        ({"HOST": "0.0.0.0"}, "SECRET_KEY"),
        ({"REDIS_URL": "http://example.org"}, "REDIS_URL"),
        ({"LECTERN_INSTANCE": "/proc/nowhere"}, "LECTERN_INSTANCE"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_clear_line(tmp_path: Path, environ: dict[str, str], words: str) -> None:
    server = LecternServer(tmp_path, environ)
    assert server.wait() == 2
    assert words in server.output
    assert server.output.count("\n") == 1


def test_without_the_cache_no_redis_server_is_started_and_one_line_warns(start_lectern: Start) -> None:
    server = start_lectern(CACHE_TYPE="NullCache")
    assert server.output.count("NullCache") == 1
    assert not [command for command in family(server.process.pid).values() if "redis.sock" in command]


def test_make_passes_its_signals_on(tmp_path: Path) -> None:
    with LecternServer(tmp_path / "instance", command=("make", "--directory", str(ROOT), "run")) as server:
        processes = [os.pidfd_open(pid) for pid in family(server.process.pid)]
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("Stopping")
        assert all(has_ended(process) for process in processes)


def test_ctrl_c_reaches_the_whole_process_group_of_make_and_all_ends_in_order(tmp_path: Path) -> None:
    with LecternServer(tmp_path / "instance", command=("make", "--directory", str(ROOT), "run")) as server:
        processes = [os.pidfd_open(pid) for pid in family(server.process.pid)]
        os.killpg(server.process.pid, signal.SIGINT)
        server.wait_for("Stopping")
        assert all(has_ended(process) for process in processes)
    assert "Traceback" not in server.output, server.output
