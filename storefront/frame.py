"""What pages look up with the sign-in of a person: what is unread, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from accounts.rights import runs_school
from bookings.messages.queries import unread_by_booking
from bookings.my_lessons.queries import border, overview
from caching import BoundRead
from notifications.queries import unread_count
from school.queries import school


def reads(user_id: int, role: str, now: datetime) -> Mapping[str, BoundRead]:
    """Name what every page looks up with the sign-in of its viewer."""
    bell = {"notifications": unread_count.at(user_id), "school": school.at()}
    # Nothing waits for an administrator alone.
    if runs_school(role):
        return bell
    # Any page may show lessons, and each of them marks those with unread messages.
    return {**bell, "lessons": overview.at(user_id, role, border(now)), "messages": unread_by_booking.at(user_id)}
