"""Start everything that `make run` needs, in order.

Stop it in the reverse order; leave no process over.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

import logs
from config import ROOT, Settings, is_loopback, metrics_folder, private_socket
from mail.folder import folder_of
from server import counters
from server.checkpoint import checkpoint
from server.children import CannotStart, spawn, stop, wait_until
from server.embedded_redis import EmbeddedRedis, private_folder_of
from server.front import Front, find_program
from server.instance_lock import locked
from server.job_runners import JobRunner
from server.patience import Patience
from server.place import listen
from server.web_servers import STOP_SECONDS, WebServer, is_healthy_at, stop_all

START_SECONDS = 60.0
WATCH_SECONDS = 0.2
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Revive = Callable[[], None]

logger = logging.getLogger(__name__)


def run(settings: Settings, patience: Patience | None = None) -> int:
    """Serve until a signal comes, then stop everything.

    Return the exit status. Raises CannotStart.
    """
    os.umask(0o077)  # the database, the logs and the keys are their user's alone
    logs.configure(settings.log_format, settings.log_level)
    with ExitStack() as running:
        try:
            _listen_for_signals()
            running.enter_context(locked(settings.instance))
            haproxy = _find_haproxy(settings)
            listener = running.enter_context(listen(settings.host, settings.port))
            address, port = listener.getsockname()[:2]
            redis = _start_redis(settings, running)
            running.callback(checkpoint, settings)
            _prepare_database()
            counters.empty(metrics_folder(settings.instance))
            start_web = partial(_serve_through, haproxy) if haproxy else _serve_directly
            patience = patience or Patience()
            web = start_web(settings, patience, listener, running)
            jobs = _run_jobs(settings, patience, running)
            _announce(settings, address, port)
            _watch([*redis, *web, *jobs])
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


def _start_redis(settings: Settings, running: ExitStack) -> Sequence[Revive]:
    """Start the embedded server, unless another one is named or caching is off."""
    if not settings.embedded_redis or settings.cache_type == "NullCache":
        return []
    redis = EmbeddedRedis(settings.instance)
    running.callback(redis.stop)
    redis.start()
    return [redis.revive]


def _prepare_database() -> None:
    """Migrate the database and fill it, in a process of its own.

    This one stays small and can be interrupted.
    """
    preparation = spawn(sys.executable, "-m", "server.prepare", folder=ROOT)
    try:
        status = preparation.wait()
    except KeyboardInterrupt:
        stop(preparation, grace=STOP_SECONDS)
        raise
    if status:
        raise CannotStart("The database could not be prepared; the lines above say why.")


def _find_haproxy(settings: Settings) -> Path | None:
    """Find the program.

    Raises CannotStart if it is missing where others than this machine can reach the server.
    """
    program = find_program()
    if program is None and not is_loopback(settings.host):
        raise CannotStart(
            f"Listening on {settings.host} needs HAProxy 2.8 or later, which keeps slow clients away from the workers: "
            "install haproxy, or serve 127.0.0.1 behind a reverse proxy that buffers requests."
        )
    if program is None:
        logger.warning("There is no HAProxy 2.8 or later: slow clients can stop this server. Install haproxy.")
    return program


def _serve_through(
    haproxy: Path, settings: Settings, patience: Patience, listener: socket.socket, running: ExitStack
) -> Sequence[Revive]:
    """Start the workers, then HAProxy before them, and wait until they answer through it."""
    sockets = _worker_sockets(settings)
    servers = [WebServer(path, hang_seconds=patience.hang) for path in sockets]
    running.callback(stop_all, servers)
    _start_and_wait(servers)
    front = Front(haproxy, listener, settings.instance)
    front.configure(settings, sockets, patience)
    running.callback(front.stop)
    front.start()
    address, port = listener.getsockname()[:2]
    answered = wait_until(lambda: bool(front.has_failed()) or is_healthy_at(address, port), seconds=START_SECONDS)
    if not answered or front.has_failed():
        raise CannotStart(f"HAProxy ({haproxy}) did not start. It said: {front.has_failed() or 'nothing.'}")
    return [front.revive, *(server.revive for server in servers)]


def _serve_directly(
    settings: Settings, patience: Patience, listener: socket.socket, running: ExitStack
) -> Sequence[Revive]:
    """Let the workers listen themselves."""
    address, port = listener.getsockname()[:2]
    listener.close()
    server = WebServer(address, str(port), hang_seconds=patience.hang)
    running.callback(server.stop)
    _start_and_wait([server])
    return [server.revive]


def _run_jobs(settings: Settings, patience: Patience, running: ExitStack) -> Sequence[Revive]:
    """Start the runner of jobs, unless another machine is to have the only one."""
    if not settings.job_concurrency:
        logger.warning("JOB_CONCURRENCY is 0: another machine has to run jobs and to let requests expire.")
        return []
    runner = JobRunner(hang_seconds=patience.hang)
    running.callback(runner.stop)
    runner.start()
    return [runner.revive]


def _worker_sockets(settings: Settings) -> list[Path]:
    """Name the workers' sockets anew for this start, and remove those that a killed server has left.

    A worker removes its socket when it ends; one that is late must not remove that of its successor.
    """
    names = [f"web-{os.getpid()}-{number}.sock" for number in range(1, settings.web_concurrency + 1)]
    sockets = [private_folder_of(private_socket(settings.instance, name), settings.instance) / name for name in names]
    for left in sockets[0].parent.glob("web-*.sock"):
        left.unlink(missing_ok=True)
    return sockets


def _start_and_wait(servers: Sequence[WebServer]) -> None:
    for server in servers:
        server.start()
    ready = wait_until(
        lambda: any(server.has_ended() for server in servers) or all(server.answers() for server in servers),
        seconds=START_SECONDS,
    )
    if not ready or any(server.has_ended() for server in servers):
        raise CannotStart("The web server did not start; the lines above say why.")


def _announce(settings: Settings, address: str, port: int) -> None:
    host = f"[{address}]" if ":" in address else address
    mails = (
        "" if settings.mail_server else f"\nMails are kept as files in {folder_of(settings)}: there is no MAIL_URL.\n"
    )
    click.echo(f"\nLectern is ready: http://{host}:{port}\n{mails}\nPress Ctrl-C to stop.")


def _watch(parts: Sequence[Revive]) -> NoReturn:
    """Start again whatever ends by itself, until a signal comes."""
    while True:
        for revive in parts:
            try:
                revive()
            except OSError as error:  # no process, no file: it may be possible a moment later
                logger.error("A part of the server could not be started: %s.", error)
        time.sleep(WATCH_SECONDS)
