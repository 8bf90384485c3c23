"""A teacher's own lessons in a calendar from elsewhere, where they do not make busy.

They come back when Lectern's own feed is given as a busy calendar, or when the invitations in its mails have been put
into the teacher's calendar. A lesson is known by its name in calendars, which says when it was made here, so that the
lessons of another Lectern count like everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bookings.models import Booking
from bookings.sessions.models import GroupSession
from calendars.busy.expansion import Found
from schedule.times.intervals import Interval

_AT_ONCE = 500


def without_own(session: Session, teacher_id: int, found: Found) -> Iterator[Interval]:
    """Yield what was found, without the teacher's lessons of this very Lectern."""
    own = _own(session, teacher_id, {uid for _, _, uid in found.times if uid})
    for start, end, uid in found.times:
        if uid not in own:
            yield datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)


def _own(session: Session, teacher_id: int, uids: set[str]) -> set[str]:
    """Find those that name a lesson or a session of this teacher, in whatever state."""
    own = set()
    for kind, table in (("booking", Booking), ("session", GroupSession)):
        ids = sorted({int(uid.split("-")[1]) for uid in uids if uid.startswith(f"{kind}-")})
        theirs = GroupSession.teacher_id == teacher_id
        if table is Booking:
            theirs = or_(Booking.teacher_id == teacher_id, Booking.student_id == teacher_id)
        for first in range(0, len(ids), _AT_ONCE):
            these = select(table.id, table.created_at).where(theirs, table.id.in_(ids[first : first + _AT_ONCE]))
            own |= {f"{kind}-{row.id}-{_written(row.created_at)}@lectern" for row in session.execute(these)}
    return own


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
