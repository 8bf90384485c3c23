"""The lessons of a weekly series as one row: the next one, and which come after it.

Only what is agreed and waits for nobody is put together. A wish for another time, and what the other side has changed,
stay rows of their own. So does a group's lesson in the teacher's list: its row names all of its students.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, case, cast, exists, func, or_, select, tuple_

from bookings import marks
from bookings.models import Booking, UnseenChange
from bookings.my_lessons.lessons_query import LessonsQuery
from bookings.statuses import BookingStatus
from database import alias_of
from gigs.models import Gig
from jsontext import JsonObject

_Earlier, _Later = alias_of(Booking), alias_of(Booking)


def fold_series_of(lessons: Select[Any], reader: int, since: datetime, query: LessonsQuery) -> Select[Any]:
    """Leave out of a reader's list what the row of its series stands for, and add to that row what it is.

    A series is put together from its first lesson at `since` or later, whatever page of the list that is on.
    """
    together = and_(_is_part(Booking, since), or_(Gig.capacity == 1, Booking.student_id == reader))
    earlier = exists().where(
        _is_part(_Earlier, since), _Earlier.series_id == Booking.series_id, _place(_Earlier) < _place(Booking)
    )
    unmarked = or_(UnseenChange.what.is_(None), UnseenChange.what.in_(marks.BEGINNINGS))
    of_later = [_is_part(_Later, since), _Later.series_id == Booking.series_id, _place(_Later) > _place(Booking)]
    of_later += [~_has_news(reader), *([_Later.starts_at < query.end] if query.end else [])]
    begins = and_(together, ~earlier)
    shown: dict[str, Any] = {
        "later_ids": func.aggregate_strings(cast(_Later.id, String), " "),
        "later_until": func.max(_Later.starts_at),
    }
    columns = (
        case((begins, select(value).where(*of_later).scalar_subquery())).label(name) for name, value in shown.items()
    )
    return lessons.add_columns(*columns).where(~and_(together, unmarked, earlier))


def show_later(row: Row[Any]) -> JsonObject:
    """Describe what a row stands for beside its own lesson."""
    ids = getattr(row, "later_ids", None)
    return {"later": {"ids": sorted(map(int, ids.split())), "until": row.later_until} if ids else None}


def _is_part(booking: type[Booking], since: datetime) -> ColumnElement[bool]:
    return and_(
        booking.series_id.is_not(None),
        booking.status == BookingStatus.ACCEPTED,
        booking.move_asked_by.is_(None),
        booking.starts_at >= since,
    )


def _place(booking: type[Booking]) -> Any:
    return tuple_(booking.starts_at, booking.id)


def _has_news(reader: int) -> ColumnElement[bool]:
    news = (UnseenChange.booking_id == _Later.id, UnseenChange.user_id == reader)
    return exists().where(*news, UnseenChange.what.not_in(marks.BEGINNINGS)).correlate(_Later)
