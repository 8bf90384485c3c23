"""When a delivery is tried again, and when a webhook rests or is switched off: the one table of times."""

from __future__ import annotations

import random
from datetime import timedelta

# After the first failure, the second, and so on: a little more than three days in all.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
    timedelta(hours=22),
    timedelta(hours=24),
)
# A webhook to which nothing succeeds for so long is switched off.
GIVEN_UP_AFTER = timedelta(days=3)
# After so many failures in a row a receiver is taken to be down. It is then asked less and less often, with one
# delivery, and all that waits follows in order when it answers.
DOWN_AFTER = 3
LONGEST_REST = timedelta(minutes=30)
# What failed together is not tried again together.
_JITTER = 0.1


def pause_after(attempts: int) -> timedelta | None:
    """Return how long a delivery waits after so many attempts, None if that was the last one."""
    return _jittered(PAUSES[attempts - 1]) if attempts <= len(PAUSES) else None


def rest_after(failures: int) -> timedelta | None:
    """Return how long a webhook rests after so many failures in a row, None if it goes on."""
    beyond = failures - DOWN_AFTER
    return None if beyond < 0 else min(LONGEST_REST, _jittered(PAUSES[min(beyond, len(PAUSES) - 1)]))


def _jittered(pause: timedelta) -> timedelta:
    return pause * random.uniform(1.0, 1.0 + _JITTER)  # noqa: S311 - jitter, not a secret
