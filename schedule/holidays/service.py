"""Changes of the school's holidays.

Each names the tag it makes old. Bookings that exist stay as they are: who decided that the school is closed decides
about them, too. A booking that is under way at the same moment may come before the holiday, and is then among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

import tags
from caching import invalidate
from database import writing
from errors import NotFound, TooManyHolidays
from schedule.models import Holiday

# Of two years and more: every search for free times reads those to come.
MOST_HOLIDAYS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days on which the school is closed, from the first to the last one, and what they are called."""

    name: str
    first_day: date
    last_day: date


def add_holiday(days: Days) -> int:
    """Close the school on some days, and return the holiday's id.

    Raises TooManyHolidays.
    """
    with writing() as session:
        if (session.scalar(select(func.count()).select_from(Holiday)) or 0) >= MOST_HOLIDAYS:
            raise TooManyHolidays
        holiday = Holiday(name=days.name, first_day=days.first_day, last_day=days.last_day)
        session.add(holiday)
        session.flush()
        invalidate(tags.holidays())
        return holiday.id


def remove_holiday(holiday_id: int) -> None:
    """Open the school again on these days.

    Raises NotFound.
    """
    with writing() as session:
        holiday = session.get(Holiday, holiday_id)
        if holiday is None:
            raise NotFound
        session.delete(holiday)
        invalidate(tags.holidays())
