"""Start everything that `make run` needs, in order; stop it in the reverse order; leave no process over."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import NoReturn

import click

from config import ROOT, Settings
from server.children import REQUEST_GRACE_SECONDS, CannotStart, spawn, stop, wait_until
from server.embedded_redis import EmbeddedRedis

START_SECONDS = 60.0
# A little longer than the web server gives its own workers, so that it is not cut off while it waits for them.
STOP_SECONDS = REQUEST_GRACE_SECONDS + 5.0
WATCH_SECONDS = 0.5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(settings: Settings) -> int:
    """Serve until a signal comes, then stop everything; return the exit status. Raises CannotStart."""
    os.umask(0o077)  # the database, the logs and the keys are their user's alone
    with ExitStack() as running:
        try:
            _listen_for_signals()
            address, port = _choose_address(settings.host, settings.port)
            redis = _start_redis(settings, running)
            _prepare_database()
            server = _start_web_server(address, port, running)
            _announce(address, port)
            return _watch(server, redis)
        except KeyboardInterrupt:
            click.echo("\nStopping as soon as the open requests are finished.")
            return 0


def _listen_for_signals() -> None:
    """Let the first of the usual signals interrupt whatever this process is doing."""
    for number in STOP_SIGNALS:
        # `nohup` asks its program to live on when the terminal is closed.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    # Stopping takes a bounded time, and a second Ctrl-C must not leave it half done.
    for number in STOP_SIGNALS:
        signal.signal(number, lambda _number, _frame: None)
    raise KeyboardInterrupt


def _choose_address(host: str, port: int) -> tuple[str, int]:
    """Resolve the host to an address whose port is free, and port 0 to a free port.

    The web server's workers share their port with SO_REUSEPORT, with which the system would also let a second server
    in: half of the requests would go there. Without that option it says whether somebody listens.
    """
    try:
        choices = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, _, _, place = min(choices, key=lambda choice: choice[0] != socket.AF_INET)
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            address, chosen = probe.getsockname()[:2]
            return address, chosen
    except OSError as error:
        raise CannotStart(
            f"The address {host}, port {port}, cannot be used: {error.strerror}. "
            "Stop what is running there, or choose another with HOST and PORT."
        ) from None


def _start_redis(settings: Settings, running: ExitStack) -> EmbeddedRedis | None:
    """Start the embedded server, unless another one is named or caching is off."""
    if not settings.embedded_redis or settings.cache_type == "NullCache":
        return None
    redis = EmbeddedRedis(settings.instance)
    running.callback(redis.stop)
    redis.start()
    return redis


def _prepare_database() -> None:
    """Migrate the database and fill it, in a process of its own: this one stays small and can be interrupted."""
    preparation = spawn(sys.executable, "-m", "server.prepare", folder=ROOT)
    try:
        status = preparation.wait()
    except KeyboardInterrupt:
        stop(preparation, grace=STOP_SECONDS)
        raise
    if status:
        raise CannotStart("The database could not be prepared; the lines above say why.")


def _start_web_server(address: str, port: int, running: ExitStack) -> subprocess.Popen[bytes]:
    """Start the web server and wait until it answers."""
    server = spawn(sys.executable, "-m", "server.webserver", address, str(port), folder=ROOT)
    running.callback(stop, server, grace=STOP_SECONDS)
    decided = wait_until(lambda: server.poll() is not None or _is_healthy(address, port), seconds=START_SECONDS)
    if not decided or server.poll() is not None:
        raise CannotStart("The web server did not start; the lines above say why.")
    return server


def _is_healthy(address: str, port: int) -> bool:
    """Ask the server as anyone could; a wildcard address is reached through the same family's loopback."""
    nearby = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  (compared, not bound)
    connection = http.client.HTTPConnection(nearby, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announce(address: str, port: int) -> None:
    host = f"[{address}]" if ":" in address else address
    click.echo(f"\nLectern is ready: http://{host}:{port}\n\nPress Ctrl-C to stop.")


def _watch(server: subprocess.Popen[bytes], redis: EmbeddedRedis | None) -> int:
    """Keep the Redis server alive until the web server ends by itself, which is a failure."""
    while server.poll() is None:
        if redis is not None:
            redis.revive()
        time.sleep(WATCH_SECONDS)
    click.echo(f"The web server has ended by itself (status {server.returncode}).", err=True)
    return 1
