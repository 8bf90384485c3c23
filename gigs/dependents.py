"""What other features show of a gig; they register here, see `caching/dependents.py`."""

from __future__ import annotations

from caching.dependents import Dependents

# A gig's title, and where its lessons take place.
gig_dependents = Dependents()
