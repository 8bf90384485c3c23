"""Note what was observed at once, and add it up later.

To write a counter down costs more than an answer may.

`prometheus_client` keeps the counters of a server's workers in files, and a cached answer would change six numbers in
them. So an observation is appended to a list here, and each counter gets the sum of what came together, twice a second
(`server/background.py`) and before this process reads its counters. A worker that ends takes with it what it observed
since the last time.
"""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

# Takes what was observed of one thing, for example the seconds that each of some requests took.
Counted = Callable[[Sequence[Any]], None]

# Where nothing writes down now and then, as in a command, it happens when so many have come together.
MANY = 1000

# Appending to a deque and taking from it are atomic, so that threads need no lock.
_noted: deque[tuple[Counted, Any]] = deque()
# What a parent has noted is the parent's to write down.
os.register_at_fork(after_in_child=_noted.clear)


def note(counted: Counted, value: Any) -> None:
    """Keep an observation until it is written down.

    On the path of every request.
    """
    _noted.append((counted, value))
    if len(_noted) >= MANY:
        write_down()


def write_down() -> None:
    """Give everything that was noted so far to what counts it.

    Each observation is given once, whoever calls.
    """
    together: defaultdict[Counted, list[Any]] = defaultdict(list)
    with suppress(IndexError):
        while True:
            counted, value = _noted.popleft()
            together[counted].append(value)
    for counted, values in together.items():
        counted(values)
