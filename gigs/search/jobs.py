"""What is tidied up of the search."""

from __future__ import annotations

from datetime import timedelta

from gigs.search.index import forget_words
from jobs.registry import Periodic

PERIODIC = (Periodic(name="search.forget-words", every=timedelta(days=1), run=forget_words),)
