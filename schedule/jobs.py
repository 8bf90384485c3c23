"""What is kept ready of teachers' hours."""

from __future__ import annotations

from datetime import timedelta

from jobs.registry import Periodic
from schedule.offered import write_due

PERIODIC = (Periodic(name="schedules.offered-hours", every=timedelta(hours=1), run=write_due),)
