"""What keeps waitlists moving."""

from __future__ import annotations

from datetime import timedelta

from bookings.waitlist.sweep import SWEEP_SECONDS, sweep
from jobs.registry import Periodic

PERIODIC = (Periodic(name="waitlist.sweep", every=timedelta(seconds=SWEEP_SECONDS), run=sweep),)
