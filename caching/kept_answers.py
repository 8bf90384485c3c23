"""What a process keeps of the answers that it has seen, within a bound of bytes.

Redis says with a tag's token whether an answer still counts. A process that has the bytes asks for nothing else, so a
hit costs the same whatever the size of the answer.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

from caching.envelope import Snapshot

# The bound of a process, if the application names none, and what is too long to be kept.
MOST_BYTES = 32 * 1024 * 1024
LONGEST_ANSWER = 256 * 1024
# What an answer takes beside its own bytes: its objects, its place, and the objects that hold its question.
OVERHEAD_BYTES = 1_500


class Kept(NamedTuple):
    """What was seen of a read, and when the life of its answer ends, in seconds since 1970."""

    seen: Snapshot
    size: int
    expires: int


class KeptAnswers:
    """Answers by the logical key of their question, one of each.

    Above `most_bytes` in all, those that were kept first are forgotten first. Safe across threads.
    """

    def __init__(self, most_bytes: int) -> None:
        """Keep nothing yet.

        Zero bytes mean that nothing will be.
        """
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self.bytes = 0

    def get(self, logical_key: bytes, epoch: str, now: float) -> Snapshot | None:
        """Return what was seen of a read, if it was in this epoch and the answer's life has not ended.

        The answer counts if the tag still has the token that was seen with it.
        """
        kept = self._kept.get(logical_key)
        return kept.seen if kept and kept.seen.epoch == epoch and kept.expires > now else None

    def keep(self, logical_key: bytes, seen: Snapshot, expires: int) -> None:
        """Keep an answer in place of an earlier one, unless there is none or it is too long."""
        if seen.answer is None or len(seen.answer.body) > LONGEST_ANSWER:
            return
        kept = Kept(seen, len(seen.answer.body) + OVERHEAD_BYTES, expires)
        with self._lock:
            self._forget(logical_key)
            self._kept[logical_key] = kept
            self.bytes += kept.size
            while self.bytes > self._most_bytes:
                self._forget(next(iter(self._kept)))

    def forget(self, logical_key: bytes) -> None:
        """Keep the answer to one question no longer."""
        with self._lock:
            self._forget(logical_key)

    def forget_all(self) -> None:
        """Keep nothing, as a process does that has just begun."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _forget(self, logical_key: bytes) -> None:
        kept = self._kept.pop(logical_key, None)
        self.bytes -= kept.size if kept else 0
