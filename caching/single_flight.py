"""Single flight: of readers that miss the same answer, one asks the database.

All of them get its result. A flight is named by key *and* stamp. A request that came after a write sees another token,
so it never joins a flight that may have read the state from before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")

# A follower that has waited this long asks the database itself.
FOLLOWER_SECONDS = 2.0


class _Flight(Generic[T]):
    def __init__(self) -> None:
        self.landed = threading.Event()
        self.result: T | None = None


class SingleFlight(Generic[T]):
    """The loads that are under way in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[Hashable, _Flight[T]] = {}

    def run(self, name: Hashable, load: Callable[[], T]) -> tuple[T, bool]:
        """Return (result, led): led is True if this caller loaded it.

        A leader's exception is its own; one of its followers leads next, and the others go on waiting.
        """
        patience_ends = monotonic() + FOLLOWER_SECONDS
        while True:
            with self._lock:
                flight = self._flights.get(name)
                if flight is None:
                    mine = self._flights[name] = _Flight()
            if flight is None:
                return self._lead(name, mine, load), True
            if not flight.landed.wait(patience_ends - monotonic()):
                return load(), True
            if flight.result is not None:
                return flight.result, False

    def _lead(self, name: Hashable, flight: _Flight[T], load: Callable[[], T]) -> T:
        try:
            flight.result = load()
            return flight.result
        finally:
            # Gone before it is announced as landed: whoever comes now starts a flight of their own.
            with self._lock:
                self._flights.pop(name, None)
            flight.landed.set()
