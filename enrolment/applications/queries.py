"""Reads of applications, the cached ones with their family, life time and tag."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, select
from sqlalchemy.orm import Session

import tags
from accounts.models import Role
from accounts.rights import runs_school
from caching import BoundRead, cache, invalidation_check
from database import reading
from enrolment.applications.models import Application
from enrolment.assignments.models import Assignment
from enrolment.rows import PlacesQuery, own_side, places_page, show_people, visible_to, with_people
from enrolment.states import APPLICATION_STEPS, with_steps
from enrolment.statuses import ApplicationStatus
from gigs.models import Gig
from jsontext import JsonObject

invalidation_check.watch(
    Application,
    {
        tags.user_applications: ("student_id", "teacher_id"),
        tags.gig_applications: ("gig_id",),
        tags.all_applications: (),
    },
)

# Who waits for an answer, for the start page.
WAITING = PlacesQuery(statuses=(ApplicationStatus.PENDING,), limit=100)


# Invalidated by: every application of or to this person, and its answer; the other one's name; the gig's title.
@cache.stamped("applications", ttl=600, tag=tags.user_applications, by="user_id")
def applications_page(connection: Connection, user_id: int, role: str, query: PlacesQuery) -> JsonObject:
    """List what a student has applied for, or who has applied to a teacher, the newest first."""
    return _page(connection, query, own_side(Application, role) == user_id)


# Invalidated by: every application to the gig, and its answer; names; the gig's title.
@cache.stamped("applications", ttl=600, tag=tags.gig_applications, by="gig_id")
def gig_applications_page(connection: Connection, gig_id: int, query: PlacesQuery) -> JsonObject:
    """List the applications to one gig, the newest first."""
    return _page(connection, query, Application.gig_id == gig_id)


# Invalidated by: every application and its answer; names; titles of gigs.
@cache.stamped("applications", ttl=600, tag=tags.all_applications)
def all_applications_page(connection: Connection, query: PlacesQuery) -> JsonObject:
    """List all applications for an administrator, the newest first."""
    return _page(connection, query)


# Invalidated by: every application of or to this person, and its answer; the other one's name; the gig's title.
@cache.stamped("application", ttl=3600, tag=tags.user_applications, by="user_id", kind="entity")
def application(connection: Connection, user_id: int, role: str, application_id: int) -> JsonObject | None:
    """Describe an application to one of its two people, with what they may do about it."""
    return _detail(connection, user_id, role, application_id)


# Invalidated by: every application and its answer; names; titles of gigs.
@cache.stamped("application", ttl=3600, tag=tags.all_applications, kind="entity")
def any_application(connection: Connection, admin_id: int, application_id: int) -> JsonObject | None:
    """Describe an application to an administrator, with what they may do about it."""
    return _detail(connection, admin_id, Role.ADMIN, application_id)


def list_for(user_id: int, role: str, query: PlacesQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_applications_page.at(query) if runs_school(role) else applications_page.at(user_id, role, query)


def application_for(user_id: int, role: str, application_id: int) -> BoundRead:
    """Name the read that describes an application to a user with this role."""
    if runs_school(role):
        return any_application.at(user_id, application_id)
    return application.at(user_id, role, application_id)


def places(gig_id: int) -> tuple[int, int]:
    """Return how many places a gig has, and how many of them are taken.

    Not cached.
    """
    with reading() as connection:
        row = connection.execute(select(Gig.capacity, Gig.places_taken).where(Gig.id == gig_id)).one()
    return row.capacity, row.places_taken


def latest_of(gig_id: int, student_id: int) -> JsonObject | None:
    """Describe the latest application of a student to a gig.

    Not cached.
    """
    mine = (Application.gig_id == gig_id, Application.student_id == student_id)
    with reading() as connection:
        row = connection.execute(_applications().where(*mine).order_by(Application.id.desc()).limit(1)).one_or_none()
    return _show(row) if row else None


def share_application(teacher_id: int, student_id: int) -> bool:
    """Tell whether a student has ever applied to a teacher."""
    both = (Application.teacher_id == teacher_id, Application.student_id == student_id)
    with reading() as connection:
        return bool(connection.scalar(select(exists().where(*both))))


def has_applicants(session: Session, gig_id: int) -> bool:
    """Tell whether students wait for a place in a gig."""
    pending = (Application.gig_id == gig_id, Application.status == ApplicationStatus.PENDING)
    return bool(session.scalar(select(exists().where(*pending))))


def _applications() -> Select[Any]:
    names = ("id", "status", "message", "reason", "created_at", "decided_at")
    own = [getattr(Application, name) for name in names]
    statement = with_people(Application, *own, Assignment.id.label("assignment_id"))
    return statement.outerjoin(Assignment, Assignment.application_id == Application.id)


def _page(connection: Connection, query: PlacesQuery, *whose: ColumnElement[bool]) -> JsonObject:
    return places_page(connection, Application, _applications().where(*whose), query, _show)


def _detail(connection: Connection, user_id: int, role: str, application_id: int) -> JsonObject | None:
    found = _applications().where(Application.id == application_id, visible_to(user_id, role, Application))
    row = connection.execute(found).one_or_none()
    return with_steps(_show(row), APPLICATION_STEPS, user_id, role) if row else None


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "status": row.status,
        "message": row.message,
        "reason": row.reason,
        **show_people(row),
        "assignment_id": row.assignment_id,
        "created_at": row.created_at,
        "decided_at": row.decided_at,
    }
