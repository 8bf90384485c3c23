"""What open pages of a user watch: everything that the other side can change on one of them."""

from __future__ import annotations

import tags
from accounts.models import Role
from accounts.rights import runs_school
from caching import Tag, TagKind

# Lessons and sessions, messages, the waitlist, shared notes, and what is behind the bell; applications, courses, tasks.
_LESSONS = (tags.user_bookings, tags.user_messages, tags.user_waitlist, tags.student_notes, tags.user_notifications)
_COURSES = (tags.user_applications, tags.user_assignments, tags.user_tasks)
_OF_ALL = (*_LESSONS, *_COURSES)
_OF_SCHOOL = (tags.all_bookings, tags.all_applications, tags.all_assignments, tags.all_tasks)
_OF_ROLE: dict[str, tuple[TagKind, ...]] = {
    Role.TEACHER: (tags.teacher_slots, tags.teacher_reviews),
    Role.STUDENT: (tags.student_reviews,),
}


def watched(user_id: int, role: str) -> list[Tag]:
    """Name the tags whose change a page of this user shows.

    The office's pages show everybody's lessons and courses, a teacher's week the days on which the school is closed.
    """
    own = [kind(user_id) for kind in (*_OF_ALL, *_OF_ROLE.get(role, ()))]
    if runs_school(role):
        return [*own, *(kind() for kind in _OF_SCHOOL)]
    return [*own, tags.holidays()] if role == Role.TEACHER else own
