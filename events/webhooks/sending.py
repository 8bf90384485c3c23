"""Send what is due to all receivers side by side, to each one after the other.

One process does so at a time: the job has a key. Its own thread does all that concerns the database. Other threads only
talk to receivers, one thread to one receiver, so that one that hangs keeps no other waiting. Ended in between, the
process has perhaps sent what it has not noted: that is sent again, under the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from time import monotonic

from database import reading, writing
from events.webhooks.attempts import Attempt, Parcel, attempt
from events.webhooks.due import next_due, parcels
from events.webhooks.listener import DISPATCH
from events.webhooks.settling import settle
from jobs.queue import enqueue

MOST_AT_ONCE = 64
# Until it is looked again for what has become due, while receivers are at work.
LOOK_SECONDS = 0.2
# One receiver gets so many messages in a row, for so long, before what came of them is noted.
BATCH, BATCH_SECONDS = 20, 1.0
# After that a run begins nothing new and ends, so that a process never works on one job for ever.
RUN_SECONDS = 1800.0
RUN_LIMIT = timedelta(seconds=RUN_SECONDS + 120)
WAKE = "webhooks.wake"

Clock = Callable[[], datetime]


class Sending:
    """One run."""

    def __init__(self, clock: Clock, key: str) -> None:
        """Sign with secrets that are made from `key`."""
        self._clock = clock
        self._key = key
        self._until = monotonic() + RUN_SECONDS
        # What came of attempts, and the webhooks that have no thread any more.
        self._came_back: SimpleQueue[Attempt | int] = SimpleQueue()
        self._busy: set[int] = set()

    def run(self) -> None:
        """Send until nothing is due and nothing is under way."""
        with ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="lectern-webhooks") as pool:
            self._begin(pool)
            while self._busy:
                self._note(self._next())
                self._begin(pool)
        _wake_for_the_rest(self._clock())

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        free = MOST_AT_ONCE - len(self._busy)
        if free <= 0 or monotonic() > self._until:
            return
        with reading() as connection:
            found = parcels(connection, self._busy, self._clock(), key=self._key, receivers=free, each=BATCH)
        for webhook_id, batch in found.items():
            self._busy.add(webhook_id)
            # With the application's context, which says what the operator allows.
            pool.submit(copy_context().run, self._send, webhook_id, batch)

    def _send(self, webhook_id: int, batch: Iterable[Parcel]) -> None:
        """Send a batch to one receiver, up to the first message that it does not take."""
        until = monotonic() + BATCH_SECONDS
        try:
            for parcel in batch:
                came = attempt(parcel, self._clock())
                self._came_back.put(came)
                if not came.succeeded or monotonic() > until:
                    break
        finally:
            self._came_back.put(webhook_id)

    def _next(self) -> list[Attempt | int]:
        """Return all that has come back, after waiting a moment for something."""
        found = []
        try:
            found.append(self._came_back.get(timeout=LOOK_SECONDS))
            while True:
                found.append(self._came_back.get_nowait())
        except Empty:
            return found

    def _note(self, found: list[Attempt | int]) -> None:
        if attempts := [each for each in found if isinstance(each, Attempt)]:
            settle(attempts)
        # Only now the next ones may be sent to them.
        self._busy.difference_update(each for each in found if isinstance(each, int))


def _wake_for_the_rest(now: datetime) -> None:
    """Have the work done again when the next attempt is due."""
    with writing() as session:
        at = next_due(session.connection(), now)
        if at is not None:
            enqueue(session, DISPATCH, {}, run_at=at, key=WAKE)
