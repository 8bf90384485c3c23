"""Adding up the months in which something has changed."""

from __future__ import annotations

from datetime import timedelta

from jobs.registry import Periodic
from payments.lesson_months.upkeep import add_up_stale_months, many_months_are_stale

PERIODIC = (
    Periodic(name="payments.add-up", every=timedelta(minutes=10), run=add_up_stale_months, when=many_months_are_stale),
)
