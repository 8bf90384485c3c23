"""Run jobs, as a child of the supervisor: `python -m server.job_runner SIGNS`.

SIGNS is the descriptor of a pipe that signs of life are written to.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import NoReturn

import observations
from config import Settings, load_settings, metrics_folder
from server import counters

BEAT_SECONDS = 1.0


def run(settings: Settings, signs: int) -> int:
    """Run jobs until SIGTERM or SIGINT, and finish what is under way.

    Returns 1 if this process has to be replaced, because a job hangs in it.
    """
    threading.Thread(target=_beat, args=(signs,), name="lectern-heartbeat", daemon=True).start()
    counters.share(metrics_folder(settings.instance))
    counters.allocate(metrics_folder(settings.instance))
    logging.getLogger("app").setLevel(logging.ERROR)  # what there is to warn about was said by the web server
    # After the counters have their place: `prometheus_client` looks for it when it is imported.
    app = importlib.import_module("app").create_app(settings)
    importlib.import_module("server.background").start(app)
    runner = importlib.import_module("jobs.engines").make_runner(app, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: runner.stop())
    well = runner.run()
    observations.write_down()
    return 0 if well else 1


def _beat(signs: int) -> NoReturn:
    os.set_blocking(signs, False)
    while True:
        with suppress(OSError):  # the pipe is full, because nothing reads at the moment
            os.write(signs, b".")
        time.sleep(BEAT_SECONDS)


if __name__ == "__main__":
    sys.exit(run(load_settings(), int(sys.argv[1])))
