"""What other features show of a person; they register here, see `caching/fanout.py`."""

from __future__ import annotations

from caching.fanout import FanOut

# A person's name, their role, and whether the account is still active.
names = FanOut()
# A teacher's rating and number of reviews.
ratings = FanOut()
