"""Look at many feeds, several at once, and write down what they say."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from calendars.busy import queries, service
from calendars.busy.looking import COMPUTED_EVERY, Known, Seen, Unreadable, look

EVERY = timedelta(minutes=10)
# Feeds that hang keep one job waiting, and in it no more than this many threads.
AT_ONCE = 6
# So many in one run, which then ends within some minutes whatever they do.
MOST_AT_A_TIME = 60


def look_at_one(calendar_id: int, now: datetime) -> None:
    """Look at one calendar, if its teacher still has it."""
    if row := queries.one_to_look_at(calendar_id):
        _look_at([row], now)


def look_at_some(now: datetime) -> bool:
    """Look at the calendars that are due, and tell whether there may be more."""
    rows = queries.to_look_at(now - EVERY / 2, MOST_AT_A_TIME)
    _look_at(rows, now)
    return len(rows) == MOST_AT_A_TIME


def _look_at(rows: Iterable[Row[Any]], now: datetime) -> None:
    """Look at these calendars.

    Each is written down as soon as it is seen, by this one thread.
    """
    with ThreadPoolExecutor(AT_ONCE, "busy-calendars") as pool:
        # Which addresses are allowed the application says, whose context each thread gets.
        looks = {pool.submit(copy_context().run, _look, _known(row, now), now): row for row in rows}
        for done in as_completed(looks):
            row, seen = looks[done], done.result()
            if isinstance(seen, Seen):
                service.note_seen(row.id, row.url, row.zone, seen, now=now)
            else:
                service.note_failure(row.id, row.url, str(seen), now=now)


def _look(known: Known, now: datetime) -> Seen | Unreadable:
    try:
        return look(known, now)
    except Unreadable as problem:
        return problem


def _known(row: Row[Any], now: datetime) -> Known:
    """Say what is known of a feed.

    What was computed long ago, or for another zone, does not count.
    """
    fresh = row.computed_at is not None and now - row.computed_at < COMPUTED_EVERY and row.time_zone == row.zone
    return Known(
        url=row.url,
        zone=row.zone,
        etag=row.etag,
        last_modified=row.last_modified,
        digest=row.digest if fresh else None,
    )
