"""The search for gigs that can be booked at a given time.

Nothing of it is cached: every booking of every teacher would make the answer old. SQL leaves out teachers who have a
lesson at that instant; whether the others' rules offer it, the same function decides that decides about bookings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists

from bookings.models import LONGEST_LESSON, HeldTime
from bookings.rules.occupancy import lessons_of, wanted
from bookings.rules.offered import HORIZON, has_timetable, reaches
from bookings.sessions.places import gigs_with_places
from database import reading
from gigs.models import Enrolment, Gig
from gigs.queries import described
from gigs.search.filters import GigsQuery
from gigs.search.plan import Plan, plan_of
from jsontext import JsonObject
from schedule.queries import rules_of
from schedule.times.free_time import Lesson, bookable, relevant, within_reach
from schedule.times.rules import Rules
from web.pagination import page

# So many gigs are looked at for one page, so that a rare time costs no more than a common one.
CANDIDATES = 500
# So many of them at first, which mostly are enough to fill the page.
FIRST_LOOK = 100

# To count all of many, or without each filter, would take a look at the lessons of every teacher.
_UNCOUNTED: JsonObject = {"total": None, "facets": None, "corrected": {}}
_NOTHING: JsonObject = {"data": [], "next_cursor": None, **_UNCOUNTED, "total": 0}


def gigs_free_at(query: GigsQuery, starts_at: datetime, now: datetime) -> JsonObject:
    """List the gigs of the public list that can be booked now for this time.

    A page that is not full, or even empty, may have a cursor: then there are others to look at.
    """
    if starts_at != starts_at.replace(second=0, microsecond=0) or not within_reach(
        starts_at, now, timedelta(), HORIZON
    ):
        return _NOTHING
    with reading() as connection:
        plan = plan_of(connection, query, now)
        if plan.is_hopeless:
            return _NOTHING
        rows = connection.execute(_candidates(plan, starts_at).limit(CANDIDATES + 1)).all()
        looked_at = rows[:CANDIDATES]
        looks = (_free(connection, some, starts_at, now) for some in (looked_at[:FIRST_LOOK], looked_at[FIRST_LOOK:]))
        # On the first page all are counted if there are few enough to look at all of them.
        counted = query.after is None and len(rows) <= CANDIDATES
        free = list(islice(chain.from_iterable(looks), None if counted else query.limit + 1))
        gigs = described(connection, [row.id for row in free[: query.limit]])
    found = page(
        free[: query.limit + 1],
        limit=query.limit,
        order=query.sort,
        position=plan.place_in(),
        show=lambda row: gigs[row.id],
        searched_to=looked_at[-1] if len(rows) > CANDIDATES else None,
    )
    return found | _UNCOUNTED | {"total": len(free) if counted else None, "corrected": plan.terms.shown()}


def _candidates(plan: Plan, starts_at: datetime) -> Select[Any]:
    columns = (Gig.id, Gig.teacher_id, Gig.schedule_id, Gig.duration_minutes, Gig.capacity, Gig.times)
    return plan.listed(*columns).where(Gig.enrolment == Enrolment.BOOKING, ~_another_lesson_goes_on(starts_at))


def _another_lesson_goes_on(instant: datetime) -> ColumnElement[bool]:
    """Return the condition that a gig's teacher has another lesson then.

    A lesson of this gig that begins at the same time is not another one.
    """
    # The first condition follows from the third; it bounds the range of the index.
    then = (HeldTime.starts_at > instant - LONGEST_LESSON, HeldTime.starts_at <= instant, HeldTime.ends_at > instant)
    same_lesson = and_(HeldTime.gig_id == Gig.id, HeldTime.starts_at == instant)
    return exists().where(HeldTime.teacher_id == Gig.teacher_id, *then, ~same_lesson)


def _free(
    connection: Connection, candidates: Collection[Row[Any]], starts_at: datetime, now: datetime
) -> Iterator[Row[Any]]:
    """Yield those that can be booked, in order.

    Nothing is read before the first one is asked for.
    """
    if not candidates:
        return
    rules = rules_of(connection, candidates, starts_at)
    lessons = _lessons(connection, rules, starts_at)
    timetables = [row.id for row in candidates if has_timetable(row)]
    in_sessions = gigs_with_places(connection, timetables, starts_at) if timetables else {}
    for row in candidates:
        of_gig = rules[row.teacher_id, row.schedule_id]
        if has_timetable(row):
            if row.id in in_sessions and reaches(of_gig, in_sessions[row.id], now):
                yield row
        elif bookable(of_gig, wanted(row), lessons.get(row.teacher_id, ()), starts_at, now):
            yield row


def _lessons(
    connection: Connection, rules: Mapping[tuple[int, int | None], Rules], starts_at: datetime
) -> dict[int, list[Lesson]]:
    """Read the lessons that matter then.

    Of teachers with limits those of the week, of others those nearby.
    """
    lessons: dict[int, list[Lesson]] = {}
    for limited in (False, True):
        # Which lessons matter is the same for all schedules of a teacher.
        people = {teacher_id: each for (teacher_id, _), each in rules.items() if bool(each.limits) == limited}
        if people:
            spans = [relevant(each, LONGEST_LESSON, starts_at, starts_at) for each in people.values()]
            start, end = min(span[0] for span in spans), max(span[1] for span in spans)
            lessons |= lessons_of(connection, people.keys(), start, end)
    return lessons
