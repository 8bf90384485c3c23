"""A process of its own that runs the tests' jobs: a runner, or what Celery imports with `-A tests.jobs.process`.

Its handlers append to the file LECTERN_TEST_RECORD what they do: the process, the word `began` or `done`, and the
number of the job. LECTERN_TEST_DIE_AT names where the first job has the process killed: `claimed`, `began` or `done`.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime, timedelta
from typing import Any

from app import create_app
from config import load_settings
from jobs import claims, engines, lanes, relay, runner
from jobs.registry import Handler, registry_of
from jsontext import JsonObject

RECORD, DIE_AT = os.environ["LECTERN_TEST_RECORD"], os.environ.get("LECTERN_TEST_DIE_AT")


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def record(word: str, number: int) -> None:
    with open(RECORD, "a") as file:
        file.write(f"{os.getpid()} {word} {number}\n")


def work(arguments: JsonObject, _now: datetime) -> None:
    record("began", arguments["number"])
    if DIE_AT == "began":
        die()
    record("done", arguments["number"])


# What a runner that will be killed has in hand is soon free, and soon found.
runner.RECOVER_SECONDS = 0.2
if DIE_AT:
    claims.LEASE = timedelta(seconds=1)
relay.HANDED = timedelta(seconds=3)
if DIE_AT == "claimed":
    lanes.perform = die  # type: ignore[attr-defined]
if DIE_AT == "done":
    claims.settle = die

settings = load_settings()
flask_app = create_app(settings)
registry_of(flask_app).add(Handler(name="test.record", run=work))
if settings.celery_broker_url:
    app = relay.make_worker(flask_app, settings.celery_broker_url)

if __name__ == "__main__":
    of_ours = engines.make_runner(flask_app, settings)
    signal.signal(signal.SIGTERM, lambda _number, _frame: of_ours.stop())
    sys.exit(0 if of_ours.run() else 1)
