"""What keeps standing wishes moving."""

from __future__ import annotations

from datetime import timedelta

from bookings.standing.service import sweep
from jobs.registry import Periodic

PERIODIC = (Periodic(name="wishes.sweep", every=timedelta(seconds=30), run=sweep),)
