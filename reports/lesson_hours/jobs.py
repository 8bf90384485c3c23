"""Adding up the days on which something has changed."""

from __future__ import annotations

from datetime import timedelta

from jobs.registry import Periodic
from reports.lesson_hours.upkeep import add_up_stale_days, many_days_are_stale

PERIODIC = (
    Periodic(name="reports.add-up", every=timedelta(minutes=10), run=add_up_stale_days, when=many_days_are_stale),
)
