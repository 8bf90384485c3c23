"""How a booking stands, and what a user is in it: what the table of its states asks about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.actors import Actor
from accounts.models import Role
from accounts.rights import runs_school
from bookings.statuses import BookingStatus


class Party(StrEnum):
    """Whom a transition is open to."""

    STUDENT = "the student"
    TEACHER = "the teacher"
    FORMER_TEACHER = "the teacher, who is a student by now"
    ASKER = "the one who asked"
    ASKED = "the one who was asked"
    WISHER = "the one who asks for another time"
    WISHED = "the one who is asked for another time"
    HOLDER = "the student for whom the waitlist keeps a place"
    ADMIN = "an administrator"
    CLOCK = "the clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the table needs to know of a booking."""

    status: BookingStatus
    student_id: int
    teacher_id: int
    requested_by: Role
    starts_at: datetime
    # Until when the waitlist keeps this place for the student, who has not taken it yet.
    offered_until: datetime | None = None
    move_starts_at: datetime | None = None
    move_asked_by: Role | None = None

    def parties(self, actor: Actor | None) -> frozenset[Party]:
        """Name what a user is in this booking, nothing at all if it is not theirs to see.

        `actor` None is the clock.
        """
        if actor is None:
            return frozenset({Party.CLOCK})
        roles = []
        if actor.id == self.student_id:
            roles += [Party.STUDENT, self._side_of_student(), *self._sides_of_wish(Role.STUDENT)]
        if actor.id == self.teacher_id:
            roles += self._sides_of_teacher(actor)
        if runs_school(actor.role):
            roles.append(Party.ADMIN)
        return frozenset(roles)

    def _side_of_student(self) -> Party:
        if self.offered_until is not None:
            return Party.HOLDER
        return Party.ASKER if self.requested_by == Role.STUDENT else Party.ASKED

    def _sides_of_teacher(self, actor: Actor) -> list[Party]:
        # The lesson stays theirs to see, but no row of the table names this party.
        if actor.role == Role.STUDENT:
            return [Party.FORMER_TEACHER]
        side = Party.ASKER if self.requested_by == Role.TEACHER else Party.ASKED
        return [Party.TEACHER, side, *self._sides_of_wish(Role.TEACHER)]

    def _sides_of_wish(self, side: Role) -> list[Party]:
        if self.move_asked_by is None:
            return []
        return [Party.WISHER if self.move_asked_by == side else Party.WISHED]


def sides(booking: Standing) -> dict[int, Role]:
    """Return on which side each of a booking's two people is, by id."""
    return {booking.student_id: Role.STUDENT, booking.teacher_id: Role.TEACHER}
