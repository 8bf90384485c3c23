"""What is tidied up of the log of events."""

from __future__ import annotations

from datetime import timedelta

from events.log.order import tidy_up
from jobs.registry import Periodic

PERIODIC = (Periodic(name="events.tidy-up", every=timedelta(minutes=5), run=tidy_up),)
