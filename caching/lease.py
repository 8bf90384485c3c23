"""The lease: for how long a process may believe what its Redis server says.

A process believes a hit only while it holds a lease, and it gets one by looking: it reads the state and the outbox in
one statement, makes sure that its server is still the same, and announces every row that waits. A lease that is valid
one second after a COMMIT came from a look that began after the COMMIT, and that look has announced it. So a writer that
cannot announce its change has to wait no longer than one lease.

Choosing another server begins a new epoch, which waits for the leases of the one before. So processes never believe two
servers at the same time, and what was cached before counts no more.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from caching import outbox, state
from caching.connections import OtherServer
from caching.keys import Tag
from caching.metrics import INVALIDATIONS
from caching.outbox import BATCH, Waiting
from caching.state import State, Status
from caching.tokens import TokenServer
from errors import Unavailable

LEASE_SECONDS = 1.0
# How long to wait for the leases of others to run out: a little longer, because no two clocks run alike.
WAIT_SECONDS = LEASE_SECONDS + 0.05
# A server that was left is not chosen again so soon: then two processes would take turns for ever.
BOUNCE = timedelta(seconds=15)
# A reader waits no longer for the look of another thread.
PATIENCE_SECONDS = 2.0
# A database that owes an answer for longer counts as away.
ANSWER_SECONDS = 1.0
# While the database does not answer, hits go on for so long after the last look.
WITHOUT_DATABASE_SECONDS = 300.0
DATABASE_FAILS = (SQLAlchemyError, Unavailable)

# Waits up to so many seconds; tells whether the waiting process is to stop.
Wait = Callable[[float], object]
InContext = Callable[[], AbstractContextManager[object]]


class TwoServers(RedisError):
    """Processes of this installation use different Redis servers."""


class Settling(RedisError):
    """The leases on the server before have not run out yet."""


def boottime() -> float:
    """Return seconds on a clock that also counts while the machine sleeps."""
    return time.clock_gettime(_CLOCK)


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Held(NamedTuple):
    """A lease: the epoch whose answers count, and until when.

    Both are read and replaced as one.
    """

    epoch: str
    until: float


NONE = Held("", 0.0)
NOT_ASKED, ASKED_IN_VAIN = math.inf, -math.inf


class Lease:
    """One process's right to believe `server`.

    Safe across threads.
    """

    def __init__(self, server: TokenServer, in_context: InContext) -> None:
        """Hold none yet.

        `in_context` opens an application's context, because a look may begin outside of any.
        """
        self._server = server
        self._in_context = in_context
        self._lock = threading.Lock()
        self._held = NONE
        self._looked_at = 0.0
        # Since when the database owes the answer to a look.
        self._asked_at = NOT_ASKED
        # The epoch in which commands are sent; empty before a server was chosen.
        self.epoch = ""

    def epoch_to_believe(self) -> str:
        """Return the epoch whose answers count now, or "" if there is none.

        If the lease has run out this looks first. Raises RedisError if Redis fails.
        """
        if epoch := self._believed():
            return epoch
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            return self._believed()
        try:
            if boottime() >= self._held.until:
                with suppress(*DATABASE_FAILS), self._in_context():
                    self._look(None)
            return self._believed()
        finally:
            self._lock.release()

    def renew(self, wait: Wait | None = None) -> int:
        """Look, and hold the lease anew.

        Return how many rows were announced.

        Without `wait` a server is not chosen as long as other processes may still believe another one. Raises
        RedisError and what DATABASE_FAILS names; then the lease stays as it was.
        """
        with self._lock, self._in_context():
            return self._look(wait)

    def drop(self) -> None:
        """Believe nothing before the next look."""
        self._held = NONE

    def join(self) -> bool:
        """Learn which server and epoch are in use, without a lease: enough for a writer.

        It changes nothing in the database, so it may happen inside a transaction. Returns False if this process would
        have to choose another server, or is about to. Raises RedisError.
        """
        # A look may wait for the database's lock, and the caller may hold that one.
        if self.epoch or not self._lock.acquire(blocking=False):
            return bool(self.epoch)
        try:
            seen = self._read_state()
            if seen.server == self._server.find():
                self._take(seen)
            return bool(self.epoch)
        finally:
            self._lock.release()

    def announce(self, marked: Iterable[tuple[Tag, str]], *, urgent: bool = False) -> None:
        """Remove tokens and marks, and count that.

        Raises RedisError.
        """
        marked = list(marked)
        self._server.invalidate(marked, urgent=urgent)
        for tag, _mark in marked:
            INVALIDATIONS.labels(tag.kind.owner_kind, tag.kind.name).inc()

    def _believed(self) -> str:
        held = self._held
        return held.epoch if boottime() < held.until or self._goes_on_without_database() else ""

    def _goes_on_without_database(self) -> bool:
        """Tell whether the database is away, but not for too long.

        A look that waits for something else, such as Redis or the right to write, is no reason to go on: changes may be
        committed meanwhile.
        """
        now = boottime()
        return now > self._asked_at + ANSWER_SECONDS and now < self._looked_at + WITHOUT_DATABASE_SECONDS

    def _look(self, wait: Wait | None) -> int:
        announced = 0
        while True:
            if not self.epoch:
                self._choose(wait)
            began = boottime()
            seen, waiting = self._ask_database()
            if self._is_current(seen) and self._announce_what_waits(waiting, seen):
                announced += len(waiting)
                if len(waiting) < BATCH:
                    self._held = Held(self.epoch, began + LEASE_SECONDS)
                    self._looked_at = began
                    return announced
            else:
                self.drop()
                self.epoch = ""

    def _ask_database(self) -> tuple[State, list[Waiting]]:
        self._asked_at = boottime()
        try:
            answer = outbox.look()
        except DATABASE_FAILS:
            self._asked_at = ASKED_IN_VAIN
            raise
        self._asked_at = NOT_ASKED
        return answer

    def _is_current(self, seen: State) -> bool:
        """Tell whether epoch and server are still the ones of this process."""
        if (seen.epoch, seen.status) != (self.epoch, Status.IN_USE):
            return False
        try:
            self._server.check()
        except OtherServer:
            return False
        return True

    def _announce_what_waits(self, waiting: list[Waiting], seen: State) -> bool:
        """Announce rows.

        Tell whether the state was still the one `seen` when they were deleted.
        """
        if not waiting:
            return True
        self.announce((row.tag, row.mark) for row in waiting)
        return outbox.settle(waiting, seen)

    def _choose(self, wait: Wait | None) -> None:
        """Agree with the other processes on the server that answers at the address now."""
        if not self._server.prefix:
            self._read_state()
        identity = self._server.find()
        while True:
            seen = self._read_state()
            if seen.server != identity:
                _change_server(seen, identity)
            elif seen.status == Status.IN_USE:
                return self._take(seen)
            elif seen.status == Status.IDLE or _has_settled(wait):
                state.swap(seen, status=Status.IN_USE)

    def _read_state(self) -> State:
        """Read the row, which also says whose keys to use."""
        seen = state.read()
        self._server.serve(seen.installation)
        return seen

    def _take(self, seen: State) -> None:
        self._server.believe(seen.server)
        self.epoch = seen.epoch


def _change_server(seen: State, identity: str) -> None:
    now = datetime.now(UTC)
    if seen.previous == identity and now < seen.changed_at + BOUNCE:
        raise TwoServers("Another process of this installation uses another Redis server.")
    state.swap(
        seen,
        epoch=state.new_epoch(),
        server=identity,
        previous=seen.server,
        # Where no process believes anything, there is nothing to wait for.
        status=Status.IN_USE if seen.status == Status.IDLE else Status.SETTLING,
        changed_at=now,
    )


def _has_settled(wait: Wait | None) -> bool:
    """Wait until every lease on the previous server has run out.

    A reader does not do that itself.
    """
    if wait is None:
        raise Settling("Another Redis server was chosen a moment ago.")
    wait(WAIT_SECONDS)
    return True


def wait_for_others(mark: str, committed_at: float) -> bool:
    """Wait until no process believes anything from before a change.

    Each has announced it or its lease has run out, so this takes one lease at most. Returns whether another process has
    announced it.
    """
    pause = 0.005
    while (left := committed_at + WAIT_SECONDS - boottime()) > 0:
        try:
            if not outbox.is_awaited(mark):
                return not outbox.waits(mark)
        except DATABASE_FAILS:
            # Nothing can be asked any more, but time passes all the same.
            time.sleep(left)
            raise
        time.sleep(min(pause, left))
        pause = min(2 * pause, 0.1)
    return not outbox.give_up_on(mark)
