"""Changes of availability.

Each names the tags it makes old.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

import tags
from accounts.models import Role, User
from caching import invalidate
from database import writing
from errors import Forbidden
from schedule.models import Availability
from schedule.times.rules import AvailabilityDocument


def replace_availability(teacher_id: int, document: AvailabilityDocument, *, now: datetime) -> None:
    """Replace a teacher's availability.

    Bookings that exist stay as they are. Raises Forbidden if this is no active teacher.
    """
    with writing() as session:
        # Whoever books a lesson holds the same row, so a booking is decided by the rules before or after this change.
        teacher = select(User.id).where(User.id == teacher_id, User.active, User.role == Role.TEACHER)
        if session.scalar(teacher.with_for_update(key_share=True)) is None:
            raise Forbidden
        session.merge(Availability(teacher_id=teacher_id, rules=document, updated_at=now))
        invalidate(tags.teacher_slots(teacher_id))
