"""What higher features show and know of a gig.

They register here. See `caching/dependents.py` and `hooks.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.actors import Actor
from caching.dependents import Dependents
from gigs.search.filters import GigsQuery
from hooks import Hook
from jsontext import JsonObject

# A gig's title, and where its lessons take place.
gig_dependents = Dependents()

# Whether a gig can have a schedule: given the write transaction, the teacher's id and the schedule's.
can_choose_schedule = Hook[[Session, int, int], bool]()

# The schedules that a teacher's gigs can choose instead of the default one, by id with their names: given the
# teacher's id.
schedule_names = Hook[[int], dict[int, str]]()

# Whether a gig has sessions to come: given its id, and now.
has_coming_sessions = Hook[[int, datetime], bool]()

# Whether students have applied for a place in a gig and wait for the answer: given the write transaction and its id.
has_applicants = Hook[[Session, int], bool]()

# What ends with a gig that is archived: given the write transaction, its id, who archives it, and now.
ended_by_archiving: list[Callable[[Session, int, Actor, datetime], None]] = []

# Whether a teacher has said when they have time: given their id and that of a gig's schedule.
has_said_when = Hook[[int, int | None], bool]()

# What time it is. Lists are asked for without a request, and which hours are evenings depends on the day.
present = Hook[[], datetime]()

# A page of the public list with only those gigs that can be booked for a time: given the query, that time, and now.
gigs_free_at = Hook[[GigsQuery, datetime, datetime], JsonObject]()
