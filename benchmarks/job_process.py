"""Run the jobs of the benchmark: a runner, or what Celery imports with `-A benchmarks.job_process`.

Its handler appends to the file JOBS_RECORD after how many seconds it was called.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime

from app import create_app
from config import load_settings
from jobs import engines, relay
from jobs.registry import Handler, registry_of
from jsontext import JsonObject

NAME = "bench.note"


def _note(arguments: JsonObject, _now: datetime) -> None:
    waited = time.time() - arguments["asked"]
    with open(os.environ["JOBS_RECORD"], "a") as file:
        file.write(f"{waited:.6f}\n")


def main() -> None:
    """Run jobs until SIGTERM."""
    runner = engines.make_runner(flask_app, settings)
    signal.signal(signal.SIGTERM, lambda _number, _frame: runner.stop())
    runner.run()


settings = load_settings()
flask_app = create_app(settings)
registry_of(flask_app).add(Handler(name=NAME, run=_note))
if settings.celery_broker_url:
    app = relay.make_worker(flask_app, settings.celery_broker_url)

if __name__ == "__main__":
    main()
