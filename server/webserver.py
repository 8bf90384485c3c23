"""The web server's own process, a child of the supervisor: `python -m server.webserver ADDRESS PORT`.

Anyone who supervises processes with other means can run `granian --interface wsgi wsgi:app` instead.
"""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from config import Settings, load_settings, metrics_folder
from server.children import REQUEST_GRACE_SECONDS
from server.tether import end_with_parent

# Connections that a worker holds open, idle ones included: granian accepts no more, and so the number has to be far
# above that of the threads, and below the usual limit of 1024 open files.
CONNECTIONS_PER_WORKER = 512


def serve(settings: Settings, address: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish the open requests and return."""
    _count_together(metrics_folder(settings.instance))
    server = Granian(
        "wsgi:app",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.web_concurrency,
        blocking_threads=settings.web_threads,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=CONNECTIONS_PER_WORKER,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=REQUEST_GRACE_SECONDS,
    )
    server.serve(target_loader=partial(_load, os.getpid()), wrap_loader=False)


def _count_together(folder: Path) -> None:
    """Have all workers write their counters into one folder, which is empty at first.

    `prometheus_client` reads this variable when it is imported, which only the workers do.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _load(parent: int) -> Any:
    """Make the application in a worker, which has just been forked.

    Until granian installs the worker's own signal handlers it has its parent's, which would ignore SIGTERM: a server
    that is stopped while it starts would hang. So SIGTERM ends the worker at once while nothing can be open yet.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent(parent)
    # What there is to warn about in the settings was said once, when the database was prepared.
    logging.getLogger("app").setLevel(logging.ERROR)
    return importlib.import_module("wsgi").app


if __name__ == "__main__":
    serve(load_settings(), sys.argv[1], int(sys.argv[2]))
