"""What clients can do to the server, and what they cannot: HAProxy before the workers, all of them real."""

import gzip
import http.client
import json
import os
import re
import signal
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from server.children import wait_until
from server.web_servers import WebServer
from support.lectern_server import LecternServer
from support.processes import family, has_ended
from tests.server.clients import ask, crowd, is_healthy, place, rest_of, say

IMPATIENT = (sys.executable, "-m", "tests.server.impatient")
POST = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
# As many as WEB_CONCURRENCY says by itself.
WEB_SERVERS = 2
ADA = {"name": "Ada", "email": "ada@example.org", "password": "analytical engine", "role": "student"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LecternServer]:
    """A server for all tests of this file, with one proxy that it trusts in none of them."""
    with LecternServer(tmp_path_factory.mktemp("front") / "instance", command=IMPATIENT) as server:
        yield server


@pytest.fixture(scope="module")
def token(server: LecternServer) -> str:
    body = json.dumps(ADA | {"time_zone": "Europe/London"}).encode()
    request = urllib.request.Request(
        f"{server.url}/api/auth/register", body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(json.load(answer)["access_token"])


def others_are_served(server: LecternServer, token: str) -> bool:
    """Ask from the second address for the health and for a list that needs a sign-in."""
    answers = ask(server.url, "/health"), ask(server.url, "/api/bookings", Authorization=f"Bearer {token}")
    return [answer.status for answer in answers] == [200, 200]


def process_of(server: LecternServer, part: str) -> int:
    return next((pid for pid, line in family(server.process.pid).items() if part in line), 0)


@pytest.mark.parametrize(
    "sends",
    [
        pytest.param(POST + b"Content-Length: 1000\r\n\r\n{", id="body"),
        pytest.param(POST + b"Content-Length: 900000\r\n\r\n" + b" " * 100_000, id="large-body"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", id="chunked"),
        pytest.param(POST[:40], id="headers"),
    ],
)
def test_two_hundred_unfinished_requests_disturb_nobody_else_and_are_ended(
    server: LecternServer, token: str, sends: bytes
) -> None:
    with crowd(server.url, 200, sends) as connections:
        served = others_are_served(server, token)
        ends = {rest_of(connection).partition(b"\r\n")[0] for connection in connections}

    assert served
    assert b"HTTP/1.1 408 Request Timeout" in ends or b"HTTP/1.1 408 Request Time-out" in ends
    assert {end.split()[1] for end in ends if end} <= {b"408", b"429"}


def test_idle_connections_of_one_address_are_bounded_and_disturb_nobody_else(server: LecternServer, token: str) -> None:
    with crowd(server.url, 600, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        assert others_are_served(server, token)


def test_readers_that_do_not_read_disturb_nobody_else(server: LecternServer, token: str) -> None:
    sends = b"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with crowd(server.url, 50, sends, receives=2048):
        assert others_are_served(server, token)


def test_a_refused_request_says_that_the_connection_ends_or_leaves_it_usable(server: LecternServer) -> None:
    body = b'{"email": "nobody@example.org"}'
    unauthorised = b"POST /api/bookings HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    next_one = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    too_large = POST + b"Content-Length: 1000001\r\n\r\n"

    statuses = re.findall(rb"HTTP/1\.1 (\d+)", say(server.url, unauthorised * 5 + next_one))
    refused = say(server.url, too_large)

    assert statuses == [b"401"] * 5 + [b"200"]
    assert refused.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in refused.lower()
    assert b"application/problem+json" in refused


@pytest.mark.parametrize("hosts", [b"", b"Host: a.example\r\nHost: b.example\r\n"], ids=["missing", "two"])
def test_a_request_without_one_host_is_refused(server: LecternServer, hosts: bytes) -> None:
    answer = say(server.url, b"GET /health HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")


def test_answers_are_compressed_and_conditional_requests_go_on_working(server: LecternServer) -> None:
    plain = ask(server.url, "/api/gigs")
    packed = ask(server.url, "/api/gigs", Accept_Encoding="gzip")
    again = ask(server.url, "/api/gigs", Accept_Encoding="gzip", If_None_Match=packed.headers["etag"])

    assert packed.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.body))["data"] == json.loads(plain.body)["data"]
    assert packed.headers["etag"] == plain.headers["etag"]
    assert again.status == 304


def test_the_application_sees_who_is_asking(server: LecternServer) -> None:
    assert ask(server.url, "/metrics").status == 200
    assert ask(server.url, "/metrics", X_Forwarded_For="203.0.113.9").status == 403


def test_a_haproxy_that_dies_is_started_again_and_meanwhile_connections_wait(server: LecternServer) -> None:
    haproxy = process_of(server, "haproxy.cfg")
    ended = os.pidfd_open(haproxy)

    os.kill(haproxy, signal.SIGKILL)
    assert has_ended(ended)

    assert ask(server.url, "/health").status == 200
    assert f"process {haproxy} was ended by SIGKILL" in server.output


def test_workers_that_hang_are_replaced(server: LecternServer) -> None:
    # Another test may just have killed them all: a web server that has no worker yet would be the one that is stopped.
    assert wait_until(lambda: all_answer(server), seconds=60)
    workers = [processes[-1] for processes in web_servers_of(server).values()]
    ended = [os.pidfd_open(pid) for pid in workers]

    for pid in workers:
        os.kill(pid, signal.SIGSTOP)

    assert all(has_ended(descriptor, seconds=60) for descriptor in ended)
    assert ask(server.url, "/health").status == 200
    assert "hangs" in server.output


def all_answer(server: LecternServer) -> bool:
    """Tell whether each web server has a worker that answers."""
    servers = web_servers_of(server)
    answer = [WebServer(Path(socket), hang_seconds=0).answers() for socket in servers]
    return len(servers) == WEB_SERVERS and all(answer)


def web_servers_of(server: LecternServer) -> dict[str, list[int]]:
    """Find the processes of each web server, its worker last, by the path of its socket."""
    found: dict[str, list[int]] = {}
    for pid, line in family(server.process.pid).items():
        if "server.webserver" in line:
            found.setdefault(line.split()[-1], []).append(pid)
    return found


def test_all_workers_killed_at_once_are_soon_back(server: LecternServer) -> None:
    for pid, line in family(server.process.pid).items():
        if "server.webserver" in line:
            os.kill(pid, signal.SIGKILL)

    assert wait_until(lambda: is_healthy(server.url), seconds=60)


@pytest.fixture
def behind_a_proxy(tmp_path: Path) -> Iterator[LecternServer]:
    with LecternServer(
        tmp_path / "instance", {"TRUSTED_PROXIES": "1", "WEB_CONCURRENCY": "1"}, command=IMPATIENT
    ) as it:
        yield it


def test_behind_a_proxy_its_word_counts_and_names_with_underscores_do_not(behind_a_proxy: LecternServer) -> None:
    url = behind_a_proxy.url
    forged = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.9\r\n"

    assert ask(url, "/metrics", X_Forwarded_For="203.0.113.9").status == 403
    assert say(url, forged + b"X_Forwarded_For: 127.0.0.1\r\n\r\n").startswith(b"HTTP/1.1 403")

    # The share of an address is that of the client which the proxy names, not that of the proxy.
    unfinished = POST + b"X-Forwarded-For: 203.0.113.9\r\nContent-Length: 1000\r\n\r\n{"
    with crowd(url, 120, unfinished) as connections:
        last = rest_of(connections[-1])
        other = say(
            url,
            POST.replace(b"login", b"refresh") + b"X-Forwarded-For: 203.0.113.10\r\nConnection: close\r\n"
            b"Content-Length: 2\r\n\r\n{}",
        )
    assert last.startswith(b"HTTP/1.1 429")
    assert other.startswith(b"HTTP/1.1 422")


def test_without_haproxy_this_machine_is_served_directly_with_a_warning(tmp_path: Path) -> None:
    with LecternServer(tmp_path / "instance", command=(*IMPATIENT, "direct")) as server:
        assert ask(server.url, "/health").status == 200
        assert server.output.count("There is no HAProxy") == 1
        assert not process_of(server, "haproxy.cfg")


def test_without_haproxy_others_are_not_served_at_all(tmp_path: Path) -> None:
    environ = {"HOST": "0.0.0.0", "SECRET_KEY": "a key of more than 16 characters"}
    server = LecternServer(tmp_path / "instance", environ, command=(*IMPATIENT, "direct"))
    assert server.wait() == 1
    assert "install haproxy" in server.output


def test_a_file_comes_through_where_one_is_taken_and_nowhere_else(server: LecternServer, token: str) -> None:
    """404 is the application's answer: there is no such payment."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/pdf"}

    def sent(method: str, path: str, size: int) -> int:
        with closing(http.client.HTTPConnection(*place(server.url), timeout=60)) as connection:
            # A body that is too long is refused, and the connection closed, before all of it was sent.
            with suppress(ConnectionError):
                connection.request(method, path, b"x" * size, headers)
            return connection.getresponse().status

    assert sent("PUT", "/api/payments/9/proof", 5_000_000) == 404
    assert sent("PUT", "/api/payments/9/proof", 5_000_001) == 413
    assert sent("POST", "/api/payments/9/refunds", 1_000_001) == 413


def test_a_body_of_unknown_length_is_held_only_as_long_as_it_may_be_one(server: LecternServer) -> None:
    chunk = b"f4240\r\n" + b" " * 1_000_000 + b"\r\n"
    unfinished = POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"5\r\n     \r\n"

    assert say(server.url, unfinished).startswith(b"HTTP/1.1 413")


def test_one_address_sends_few_files_at_the_same_time(server: LecternServer, token: str) -> None:
    sends = b"PUT /api/payments/9/proof HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n{"
    with crowd(server.url, 30, sends) as connections:
        served = others_are_served(server, token)
        ends = [rest_of(connection).split()[1] for connection in connections]

    assert served
    assert sorted(ends) == [b"408"] * 8 + [b"429"] * 22
