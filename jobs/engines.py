"""Choose what runs jobs: this process, or Celery."""

from __future__ import annotations

import importlib

from flask import Flask

from config import Settings
from jobs.runner import Runner


def make_runner(app: Flask, settings: Settings) -> Runner:
    """Make the runner that the settings ask for.

    With a broker it hands jobs on, and does the periodic work itself: bookings expire whatever becomes of the broker.
    """
    if settings.celery_broker_url is None:
        return Runner(app, max(1, settings.job_concurrency))
    # Celery takes memory and time to import, which only those shall pay who use it.
    relay = importlib.import_module("jobs.relay")
    return Runner(app, 1, make_lane=relay.lane_to(settings.celery_broker_url))
