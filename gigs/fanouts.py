"""What other features show of a gig; they register here, see `caching/fanout.py`."""

from __future__ import annotations

from caching.fanout import FanOut

# A gig's title, and where its lessons take place.
shown_gigs = FanOut()
