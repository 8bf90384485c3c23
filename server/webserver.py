"""Serve, as a child of the supervisor: `python -m server.webserver HANG_SECONDS SOCKET`.

With `ADDRESS PORT` in the place of SOCKET it serves clients directly, with all its workers.
Anyone who supervises processes with other means can run `granian --interface wsgi wsgi:app` instead.
"""

from __future__ import annotations

import gc
import importlib
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

import logs
from config import Settings, load_settings, metrics_folder
from server import counters
from server.children import REQUEST_GRACE_SECONDS
from server.front_config import PEER_HEADER
from server.heartbeat import Heartbeat
from server.tether import end_with_parent

# Connections that a worker holds open, idle ones included: granian accepts no more, and so the number has to be far
# above that of the threads, and below the usual limit of 1024 open files.
CONNECTIONS_PER_WORKER = 512
# HAProxy closes idle connections when it likes; if the worker did, a request could be on its way already.
FRONT_MAY_IDLE_MS = 24 * 60 * 60 * 1000

_PEER_KEY = "HTTP_" + PEER_HEADER.upper().replace("-", "_")


def serve(settings: Settings, hang_seconds: int, *place: str) -> None:
    """Serve until SIGTERM or SIGINT, then finish the open requests and return."""
    counters.share(metrics_folder(settings.instance))
    _import_ahead(metrics_folder(settings.instance))
    behind_front = len(place) == 1
    heartbeat = Heartbeat(hang_seconds) if multiprocessing.get_start_method() == "fork" else None
    if heartbeat:
        heartbeat.watch()
    server = Granian(
        "wsgi:app",
        **(_socket(Path(*place)) if behind_front else _port(*place, workers=settings.web_concurrency)),
        interface=Interfaces.WSGI,
        blocking_threads=settings.web_threads,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=CONNECTIONS_PER_WORKER,
        log_level=LogLevels.error,
        log_dictconfig=_logging(settings.log_format),
        respawn_failed_workers=True,
        workers_kill_timeout=REQUEST_GRACE_SECONDS,
    )
    server.serve(target_loader=partial(_load, os.getpid(), heartbeat, behind_front), wrap_loader=False)


def _socket(path: Path) -> dict[str, Any]:
    settings = HTTP1Settings(header_read_timeout=FRONT_MAY_IDLE_MS)
    return {"uds": path, "uds_permissions": 0o600, "workers": 1, "http1_settings": settings}


def _port(address: str, port: str, *, workers: int) -> dict[str, Any]:
    return {"address": address, "port": int(port), "workers": workers}


def _logging(log_format: str) -> dict[str, Any]:
    """Have granian write lines like all others.

    An "unexpected exit" without a time helps nobody.
    """
    return {
        "formatters": {"generic": {"()": logs.formatter, "log_format": log_format}},
        "handlers": {"console": {"formatter": "generic", "class": "logging.StreamHandler"}},
        "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
    }


def _import_ahead(folder: Path) -> None:
    """Import the application before workers are forked.

    One that replaces another is there in a fraction of a second.

    What both have stays in memory once.
    """
    counters.allocate(folder)
    importlib.import_module("app")
    gc.freeze()


def _load(parent: int, heartbeat: Heartbeat | None, behind_front: bool) -> Any:
    """Make the application in a worker, which has just been forked.

    Until granian installs the worker's own signal handlers it has its parent's, which would ignore SIGTERM: a server
    that is stopped while it starts would hang. So SIGTERM ends the worker at once while nothing can be open yet.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent(parent)
    if heartbeat:
        heartbeat.beat()
    settings = load_settings()
    counters.share(metrics_folder(settings.instance))
    counters.allocate(metrics_folder(settings.instance))
    # What there is to warn about in the settings was said once, when the database was prepared.
    logging.getLogger("app").setLevel(logging.ERROR)
    app = importlib.import_module("wsgi").app
    return _named_by_front(app) if behind_front else app


def _named_by_front(app: Callable[..., Any]) -> Callable[..., Any]:
    """Give the application the address of whoever connected, as it would have it without HAProxy."""

    def serve_peer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        environ["REMOTE_ADDR"] = environ.pop(_PEER_KEY, "")
        return app(environ, start_response)

    return serve_peer


if __name__ == "__main__":
    serve(load_settings(), int(sys.argv[1]), *sys.argv[2:])
