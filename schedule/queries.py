"""Reads of availability."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

import tags
from accounts.models import User
from caching import invalidation_check
from database import reading
from schedule.models import Availability
from schedule.schemas import AvailabilitySchema
from schedule.times.rules import AvailabilityDocument, Rules, read_rules

invalidation_check.watch(Availability, {tags.teacher_slots: ("teacher_id",)})


def availability(teacher_id: int) -> AvailabilityDocument:
    """Return what a teacher has entered, or the defaults."""
    # It is not cached, because forms are filled with it.
    with reading() as connection:
        stored = connection.execute(select(Availability.rules).where(Availability.teacher_id == teacher_id)).scalar()
    defaults: AvailabilityDocument = AvailabilitySchema().load({})
    return defaults if stored is None else stored


def rules_of(connection: Connection | Session, teacher_ids: Iterable[int]) -> dict[int, Rules]:
    """Read the rules of these teachers at once, each in their own time zone."""
    statement = (
        select(User.id, User.time_zone, Availability.rules).outerjoin(Availability).where(User.id.in_(teacher_ids))
    )
    return {row.id: read_rules(row.rules, row.time_zone) for row in connection.execute(statement)}
