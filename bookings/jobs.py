"""What is done with bookings now and then."""

from __future__ import annotations

from datetime import timedelta

from bookings.moves.service import lapse_due
from bookings.popularity import refresh_popularity
from bookings.service import expire_due
from jobs.registry import Periodic

PERIODIC = (
    # Pending bookings whose time has come.
    Periodic(name="bookings.expire", every=timedelta(seconds=30), run=expire_due),
    # Moves that were asked for and not answered before one of the two times came.
    Periodic(name="bookings.lapse-moves", every=timedelta(seconds=30), run=lapse_due),
    # The order of lists by popularity stands still in between.
    Periodic(name="bookings.rank-gigs", every=timedelta(minutes=15), run=refresh_popularity),
)
