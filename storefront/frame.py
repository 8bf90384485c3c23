"""What stands around every page of a signed-in person: what is unread, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from accounts.models import Role
from bookings.my_lessons.queries import border, overview
from caching import BoundRead
from notifications.queries import unread_count


def reads(user_id: int, role: str, now: datetime) -> Mapping[str, BoundRead]:
    """Name what every page looks up with the sign-in of its viewer."""
    bell = {"notifications": unread_count.at(user_id)}
    # Nothing waits for an administrator alone.
    return bell if role == Role.ADMIN else {**bell, "lessons": overview.at(user_id, role, border(now))}
