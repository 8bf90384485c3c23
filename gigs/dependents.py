"""What higher features show and know of a gig.

They register here. See `caching/dependents.py` and `hooks.py`.
"""

from __future__ import annotations

from datetime import datetime

from caching.dependents import Dependents
from gigs.queries import GigsQuery
from hooks import Hook
from jsontext import JsonObject

# A gig's title, and where its lessons take place.
gig_dependents = Dependents()

# A page of the public list with only those gigs that can be booked for a time: given the query, that time, and now.
gigs_free_at = Hook[[GigsQuery, datetime, datetime], JsonObject]()
