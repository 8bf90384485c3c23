"""Who knows whom, by lessons or by applications."""

from __future__ import annotations

from bookings.history import share_booking
from enrolment.applications.queries import share_application


def has_student(teacher_id: int, student_id: int) -> bool:
    """Tell whether a teacher has, or had, a lesson with a student or an application of theirs."""
    return share_booking(teacher_id, student_id) or share_application(teacher_id, student_id)
