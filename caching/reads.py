"""Answer a cached read: from Redis if it is provably fresh, else from the database."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from time import perf_counter

from sqlalchemy import Connection

from caching.audit import Hit
from caching.envelope import Answer, Snapshot, Stamp, digest
from caching.families import BoundRead
from caching.metrics import reads_counter
from caching.store import Store
from database import reading
from jsontext import dumps_to_keep
from observations import Counted, note

logger = logging.getLogger(__name__)


class LookUp:
    """A read that has been looked up in Redis.

    `answer()` loads it if that was in vain.
    """

    __slots__ = ("_began", "_snapshot", "_store", "_waited", "hit", "read")

    def __init__(self, read: BoundRead, store: Store | None, snapshot: Snapshot | None, waited: float = 0) -> None:
        """Keep what was seen and for how long Redis was `waited` for.

        Without a snapshot the database answers.
        """
        self.read = read
        self._store = store
        self._snapshot = snapshot
        self._waited = waited
        # The cached answer if its stamp is the tag's present one. It is counted when it is answered with.
        self.hit = snapshot.answer if snapshot else None

    def answer(self) -> Answer:
        """Return the cached answer, or load it and publish it."""
        if self.hit is not None:
            self._began = perf_counter() - self._waited
            self._note("hit")
            if self._store and self._snapshot:
                audit_some(self._store, [self.read], [self._snapshot])
            return self.hit
        self._began = perf_counter() - self._waited
        store, snapshot = self._store, self._snapshot
        if store is None:
            return self._bypass()
        if snapshot is None:
            return self._bypass("error")
        if snapshot.outdated:
            self._note("stale_stamp")
        stamp = self._stamp()
        return self._bypass() if stamp is None else self._miss(store, stamp)

    def begin(self) -> Callable[[bytes], Answer]:
        """Return what makes an answer of a body, and publishes it.

        The body has to be loaded after this call.
        """
        self._began = perf_counter() - self._waited
        store, stamp = self._store, self._stamp()

        def finish(body: bytes) -> Answer:
            self._note("bypass" if store is None or stamp is None else "miss")
            if store is None or stamp is None:
                return Answer(body, digest(body), "BYPASS")
            answer = Answer(body, digest(body), "MISS")
            store.publish(self.read, stamp, answer)
            return answer

        return finish

    def present_token(self) -> bytes | None:
        """Return the epoch and what the tag holds, after giving it a token if it has none.

        None if Redis cannot be asked.
        """
        store, snapshot = self._store, self._snapshot
        seen = store.with_token(snapshot, self.read.tag) if store and snapshot else None
        return None if seen is None or seen.token is None else f"{seen.epoch}:".encode() + seen.token

    def _stamp(self) -> Stamp | None:
        """Return what a present answer is stored with, None if no answer can be stored now."""
        store, snapshot = self._store, self._snapshot
        seen = store.with_token(snapshot, self.read.tag) if store and snapshot else None
        if seen is None or seen.under_change or not seen.token:
            return None
        return Stamp(seen.epoch, seen.token, self.read.logical_key)

    def _miss(self, store: Store, stamp: Stamp) -> Answer:
        """Load in single flight.

        The stamp was seen before the query, so a writer in between makes it worthless.
        """
        read = self.read

        def load() -> Answer:
            body = read.load()
            answer = Answer(body, digest(body), "MISS")
            store.publish(read, stamp, answer)
            return answer

        answer, led = store.flights.run((read.key, stamp), load)
        self._note("miss" if led else "coalesced")
        return answer

    def _bypass(self, outcome: str = "bypass") -> Answer:
        body = self.read.load()
        self._note(outcome)
        return Answer(body, digest(body), "BYPASS")

    def _note(self, outcome: str) -> None:
        family, key = self.read.family.name, self.read.keys[1]
        note(reads_counter(family, outcome), perf_counter() - self._began)
        logger.debug("cache %s family=%s key=%s", outcome, family, key)


def answer_together(
    looked_up: Sequence[LookUp], load: Callable[[Connection, list[BoundRead]], Sequence[object]]
) -> list[Answer]:
    """Return the answers of all reads, and load those that are missing at once.

    `load` gets the missing reads, and returns what the query of each would.
    """
    missing = [each for each in looked_up if each.hit is None]
    # The stamps are seen before the query, so a writer in between makes them worthless.
    begun = [each.begin() for each in missing]
    loaded: dict[LookUp, Answer] = {}
    if missing:
        with reading() as connection:
            found = load(connection, [each.read for each in missing])
        bodies = map(dumps_to_keep, found)
        loaded = {each: finish(body) for each, finish, body in zip(missing, begun, bodies, strict=True)}
    return [loaded.get(each) or each.answer() for each in looked_up]


def answer_at_once(
    looked_up: Sequence[LookUp], load: Callable[[Connection, list[BoundRead]], Sequence[object]]
) -> list[Answer]:
    """Return the answers of reads that `load` loads with fewer statements if all of them are missing.

    If one is there, the others are loaded as they are alone.
    """
    if any(each.hit is not None for each in looked_up):
        return [each.answer() for each in looked_up]
    return answer_together(looked_up, load)


@functools.cache
def hits_counter(*families: str) -> Counted:
    """Return what counts hits that were looked up together, one of each of these families."""
    counters = [reads_counter(family, "hit") for family in families]

    def count(seconds: Sequence[float]) -> None:
        for counter in counters:
            counter(seconds)

    return count


def audit_some(store: Store, reads: Sequence[BoundRead], seen: Sequence[Snapshot]) -> None:
    """Let a sample of the hits that are answered with be checked."""
    if store.auditor.chooses():
        for read, snapshot in zip(reads, seen, strict=True):
            _audit(store, read, snapshot)


def _audit(store: Store, read: BoundRead, snapshot: Snapshot) -> None:
    if snapshot.answer is None or snapshot.token is None:
        return

    def present_token() -> bytes | None:
        seen = store.fetch([read])
        return seen[0].token if seen else None

    def remove() -> None:
        store.announce([read.tag], "audit")

    stamp = Stamp(snapshot.epoch, snapshot.token, read.logical_key)
    store.auditor.add(Hit(read.family.name, stamp, snapshot.answer.body, read.load, present_token, remove))
