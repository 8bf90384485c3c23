"""What is done with bookings now and then."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.entering.asking import ASK, ask_now
from bookings.moves.service import lapse_due
from bookings.popularity import refresh_popularity
from bookings.service import expire_due
from jobs.registry import Handler, Periodic
from jsontext import JsonObject


def ask_whose_they_are(arguments: JsonObject, now: datetime) -> None:
    """Ask the owner of an address whether the lessons that were entered for it are theirs.

    A second call asks them once more, and does no harm.
    """
    ask_now(arguments["stand_in_id"], arguments["lessons"], by_id=arguments["by_id"], now=now)


HANDLERS = (Handler(name=ASK, run=ask_whose_they_are),)
PERIODIC = (
    # Pending bookings whose time has come.
    Periodic(name="bookings.expire", every=timedelta(seconds=30), run=expire_due),
    # Moves that were asked for and not answered before one of the two times came.
    Periodic(name="bookings.lapse-moves", every=timedelta(seconds=30), run=lapse_due),
    # The order of lists by popularity stands still in between.
    Periodic(name="bookings.rank-gigs", every=timedelta(minutes=15), run=refresh_popularity),
)
