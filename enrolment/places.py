"""The places of a gig, and what a student has to do with them, for the gig's page."""

from __future__ import annotations

from sqlalchemy import select

from database import reading
from enrolment.applications.queries import latest_of, places
from enrolment.assignments.models import Assignment
from enrolment.statuses import AssignmentStatus
from jsontext import JsonObject


def place_of(gig_id: int, student_id: int | None) -> JsonObject:
    """Say how many places are taken, and for a student their latest application and their course.

    Not cached: who is about to apply sees what is true.
    """
    taken = places(gig_id)[1]
    if student_id is None:
        return {"taken": taken, "application": None, "course": None}
    mine = (Assignment.gig_id == gig_id, Assignment.student_id == student_id)
    active = select(Assignment.id).where(*mine, Assignment.status == AssignmentStatus.ACTIVE)
    with reading() as connection:
        course = connection.scalar(active)
    return {"taken": taken, "application": latest_of(gig_id, student_id), "course": course}
