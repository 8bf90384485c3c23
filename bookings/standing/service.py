"""Wishing for any time that suits, and being offered the first one that becomes free.

An offer is that of a waitlist: an entry for the time, and a pending booking that keeps the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.models import Role
from bookings.rules import checks
from bookings.standing.fitting import fitting_starts
from bookings.standing.models import StandingWish, WishStatus
from bookings.standing.states import sources_of
from bookings.waitlist import queue
from bookings.waitlist.models import WaitlistEntry
from bookings.waitlist.writes import create
from caching import invalidate
from database import changed_rows, reading, writing
from errors import Forbidden, Invalid, NotFound, SlotFree, WaitlistFull, WrongState
from gigs.queries import gig_for_booking, gig_to_book
from schedule.times.wall_time import day_bounds

# A student waits for so many gigs at once, and so far ahead.
MOST_WISHES, FURTHEST = 20, timedelta(days=366)
# In one sweep so many wishes are looked at, and of each so many times that suit.
BATCH, TIMES_TRIED = 100, 20


class _NotThisOne(Exception):
    """The student cannot take this time, so nothing is written."""


def wait(gig_id: int, times: Mapping[str, Any], *, actor: Actor, time_zone: str, now: datetime) -> int:
    """Wait for any time that suits, and return the wish's id.

    A second wish for the same gig takes the first one's place. Raises Forbidden, NotFound and WrongState as booking
    does; Invalid if the last day is over or too far away, SlotFree if such a time can be booked now, WaitlistFull.
    """
    if actor.role != Role.STUDENT:
        raise Forbidden("Only students wait for a place.")
    ends_at = day_bounds(date.fromisoformat(times["until"]), ZoneInfo(time_zone))[1]
    if not now < ends_at <= now + FURTHEST:
        raise Invalid({"until": ["Choose a day of the coming year."]})
    with reading() as connection:
        shown = checks.require_bookable(gig_to_book(connection, gig_id), actor)
    if any(fitting_starts(shown.teacher_id, gig_id, times, time_zone, now)):
        raise SlotFree("Such a time is free: it can be booked now.")
    with writing() as session:
        gig = checks.bookable_gig(session, gig_id, actor)
        checks.lock_people(session, actor.id, gig.teacher_id)
        mine = (StandingWish.student_id == actor.id, StandingWish.status == WishStatus.WAITING)
        invalidate(tags.user_waitlist(actor.id), tags.user_waitlist(gig.teacher_id))
        wish = session.scalar(select(StandingWish).where(*mine, StandingWish.gig_id == gig_id))
        if wish is None:
            if (session.scalar(select(func.count()).select_from(StandingWish).where(*mine)) or 0) >= MOST_WISHES:
                raise WaitlistFull
            wish = StandingWish(gig_id=gig_id, student_id=actor.id, teacher_id=gig.teacher_id, created_at=now)
            session.add(wish)
        wish.times, wish.time_zone, wish.ends_at = dict(times), time_zone, ends_at
        session.flush()
        return wish.id


def leave(wish_id: int, *, actor: Actor) -> None:
    """Wait no longer.

    Raises NotFound, or WrongState if the wish has ended.
    """
    with writing() as session:
        mine = (StandingWish.id == wish_id, StandingWish.student_id == actor.id)
        status = session.scalar(select(StandingWish.status).where(*mine))
        if status is None:
            raise NotFound
        if not end(session, StandingWish.id == wish_id, WishStatus.LEFT):
            raise WrongState("You do not wait for this any more.", current=status)


def end(session: Session, which: ColumnElement[bool], target: WishStatus) -> int:
    """Bring these wishes into another state, as far as the table has a way there, and return how many."""
    on_the_way = StandingWish.status.in_(sources_of(target))
    columns: list[Any] = [StandingWish.id, StandingWish.student_id, StandingWish.teacher_id]
    rows = session.execute(select(*columns).where(which, on_the_way).order_by(StandingWish.id)).all()
    if not rows:
        return 0
    for row in rows:
        invalidate(tags.user_waitlist(row.student_id), tags.user_waitlist(row.teacher_id))
    ids = [row.id for row in rows]
    swap = update(StandingWish).where(StandingWish.id.in_(ids), on_the_way)
    return changed_rows(session, swap.values(status=target))


def sweep(now: datetime) -> None:
    """Close the wishes whose days are over, and offer what has become free to the others.

    Who has waited longest comes first.
    """
    with reading() as connection:
        over = connection.scalars(
            select(StandingWish.id)
            .where(StandingWish.status == WishStatus.WAITING, StandingWish.ends_at <= now)
            .limit(BATCH)
        ).all()
        wishes = connection.execute(
            select(StandingWish.__table__)
            .where(StandingWish.status == WishStatus.WAITING, StandingWish.ends_at > now)
            .order_by(StandingWish.id)
            .limit(BATCH)
        ).all()
    if over:
        with writing() as session:
            end(session, StandingWish.id.in_(over), WishStatus.LAPSED)
    for wish in wishes:
        _look_for_a_time(wish, now)


def _look_for_a_time(wish: Row[Any], now: datetime) -> None:
    """Offer the first time that suits and that the student can take."""
    starts = list(islice(fitting_starts(wish.teacher_id, wish.gig_id, wish.times, wish.time_zone, now), TIMES_TRIED))
    for starts_at in starts:
        if _offer(wish, starts_at, now):
            return


def _offer(wish: Row[Any], starts_at: datetime, now: datetime) -> bool:
    """Put the student into the waitlist of this time and offer them the place, or do nothing at all.

    Tells whether the wish needs no other time: it has this one, or has ended meanwhile.
    """
    try:
        with writing() as session:
            # In the order of all bookings: the gig, the people, then what is theirs.
            gig_for_booking(session, wish.gig_id)
            checks.active_students(session, {wish.student_id, wish.teacher_id})
            if not end(session, StandingWish.id == wish.id, WishStatus.OFFERED):
                return True
            entry = WaitlistEntry(gig_id=wish.gig_id, student_id=wish.student_id, teacher_id=wish.teacher_id)
            entry.starts_at, entry.created_at, entry.updated_at = starts_at, now, now
            entry_id = create(session, entry)
            columns: list[Any] = [getattr(WaitlistEntry, name) for name in ("id", "gig_id", "student_id", "starts_at")]
            row = session.execute(select(*columns).where(WaitlistEntry.id == entry_id)).one()
            if not queue.offer(session, [row], now):
                raise _NotThisOne
    except _NotThisOne:
        return False
    return True
