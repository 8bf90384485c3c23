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
from config import ROOT, ConfigError, Settings, is_loopback, leaving_file, load_settings, metrics_folder
from mail.folder import folder_of
from server import counters
from server.checkpoint import checkpoint
from server.children import CannotStart, spawn, stop
from server.embedded_redis import EmbeddedRedis
from server.front import find_program
from server.instance_lock import locked
from server.job_runners import JobRunner
from server.patience import Patience
from server.place import listen
from server.signals import Signals, Stopped
from server.web_room import WebRoom, start_and_wait
from server.web_servers import STOP_SECONDS, WebServer

WATCH_SECONDS = 0.2

Revive = Callable[[], None]

logger = logging.getLogger(__name__)


def run(settings: Settings, patience: Patience | None = None) -> int:
    """Serve until a signal comes, then stop everything.

    Return the exit status. Raises CannotStart.
    """
    os.umask(0o077)  # the database, the logs and the keys are their user's alone
    logs.configure(settings.log_format, settings.log_level)
    patience, signals = patience or Patience(), Signals()
    with ExitStack() as running:
        try:
            signals.listen()
            running.enter_context(locked(settings.instance))
            haproxy = _find_haproxy(settings)
            listener = running.enter_context(listen(settings.host, settings.port))
            place = listener.getsockname()[:2]
            redis = _start_redis(settings, running)
            running.callback(checkpoint, settings)
            _prepare_database()
            counters.empty(metrics_folder(settings.instance))
            _take_traffic(settings, running)
            room = WebRoom(haproxy, listener, settings.instance, patience) if haproxy else None
            serve = partial(_serve_through, room) if room else partial(_serve_directly, patience, listener)
            web = serve(settings, running)
            runner = _start_runner(settings, patience, running)
            _announce(settings, *place)
            parts = [*redis, web, *([runner.revive] if runner else ())]
            _serve_until_told(settings, parts, signals, lambda: _reload(settings, room, runner))
        except KeyboardInterrupt:
            click.echo("\nStopping as soon as the open requests are finished.")
            return 0


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


def _take_traffic(settings: Settings, running: ExitStack) -> None:
    """Forget that an earlier server was about to stop, now and at the end."""
    file = leaving_file(settings.instance)
    file.unlink(missing_ok=True)
    running.callback(file.unlink, missing_ok=True)


def _serve_through(room: WebRoom, settings: Settings, running: ExitStack) -> Revive:
    """Start the workers, then HAProxy before them."""
    running.callback(room.stop)
    room.start(settings)
    return room.revive


def _serve_directly(patience: Patience, listener: socket.socket, settings: Settings, running: ExitStack) -> Revive:
    """Let the workers listen themselves."""
    address, port = listener.getsockname()[:2]
    listener.close()
    server = WebServer(address, str(port), hang_seconds=patience.hang)
    running.callback(server.stop)
    start_and_wait([server])
    return server.revive


def _start_runner(settings: Settings, patience: Patience, running: ExitStack) -> JobRunner | None:
    """Start the runner of jobs, unless another machine is to have the only one."""
    if not settings.job_concurrency:
        logger.warning("JOB_CONCURRENCY is 0: another machine has to run jobs and to let requests expire.")
        return None
    runner = JobRunner(hang_seconds=patience.hang)
    running.callback(runner.stop)
    runner.start()
    return runner


def _announce(settings: Settings, address: str, port: int) -> None:
    host = f"[{address}]" if ":" in address else address
    mails = (
        "" if settings.mail_server else f"\nMails are kept as files in {folder_of(settings)}: there is no MAIL_URL.\n"
    )
    click.echo(f"\nLectern is ready: http://{host}:{port}\n{mails}\nPress Ctrl-C to stop.")


def _serve_until_told(
    settings: Settings, parts: Sequence[Revive], signals: Signals, reload: Callable[[], None]
) -> NoReturn:
    """Look after everything until a signal says to stop.

    Before that happens proxies have time to notice: not with Ctrl-C, which people wait for.
    """
    try:
        while True:
            _revive(parts)
            if signals.take_reload():
                reload()
            time.sleep(WATCH_SECONDS)
    except Stopped as told:
        if told.number == signal.SIGTERM:
            _let_proxies_notice(settings, parts)
        raise


def _let_proxies_notice(settings: Settings, parts: Sequence[Revive]) -> None:
    """Have `/health/ready` say that this machine is about to stop, and serve for some seconds more."""
    deadline = time.monotonic() + settings.drain_seconds
    try:
        leaving_file(settings.instance).touch()
    except OSError as error:
        logger.error("/health/ready could not be changed: %s.", error)
    while time.monotonic() < deadline:
        _revive(parts)
        time.sleep(min(WATCH_SECONDS, settings.drain_seconds))


def _revive(parts: Sequence[Revive]) -> None:
    """Start again whatever has ended by itself."""
    for revive in parts:
        try:
            revive()
        except OSError as error:  # no process, no file: it may be possible a moment later
            logger.error("A part of the server could not be started: %s.", error)


def _reload(began_with: Settings, room: WebRoom | None, runner: JobRunner | None) -> None:
    """Migrate, and replace the workers and the runner by new ones, with the code and the `.env` of now.

    Where that fails, all goes on as it was.
    """
    try:
        if room is None:
            raise CannotStart("that needs HAProxy")
        settings = load_settings()
        if _fixed(settings) != _fixed(began_with):
            raise CannotStart("other addresses or another SECRET_KEY need a restart")
        _prepare_database()
        room.replace(settings)
        if runner:
            room.replace_runner(runner)
    except (ConfigError, CannotStart, OSError) as error:
        logger.error("Nothing was replaced: %s", error)
    else:
        logger.warning("New processes serve now; the old ones finish what they have.")


def _fixed(settings: Settings) -> tuple[object, ...]:
    """Return what old and new processes have to agree on."""
    return (
        settings.instance,
        settings.host,
        settings.port,
        settings.database_url,
        settings.redis_url,
        settings.secret_key,
    )
