"""What is tidied up of the search."""

from __future__ import annotations

from datetime import timedelta

from gigs.search.counts import add_up, recount_everything
from gigs.search.index import forget_words
from jobs.registry import Periodic

PERIODIC = (
    Periodic(name="search.forget-words", every=timedelta(days=1), run=forget_words),
    Periodic(name="search.add-up", every=timedelta(minutes=10), run=add_up),
    Periodic(name="search.recount", every=timedelta(hours=1), run=recount_everything),
)
