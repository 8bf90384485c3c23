"""Reads of applications, the cached ones with their family, life time and tag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, func, select
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.dependents import name_dependents
from accounts.models import Role
from caching import BoundRead, Tag, cache, invalidation_check
from database import reading
from enrolment.applications.models import Application
from enrolment.assignments.models import Assignment
from enrolment.rows import newest_page, own_side, people_of, show_people, theirs, with_people
from enrolment.states import APPLICATION_STEPS, Sides, allowed
from enrolment.statuses import ApplicationStatus
from errors import NotFound
from gigs.dependents import gig_dependents
from gigs.models import Gig
from jsontext import JsonObject
from web.pagination import Position

invalidation_check.watch(
    Application,
    {
        tags.application: ("id",),
        tags.user_applications: ("student_id", "teacher_id"),
        tags.gig_applications: ("gig_id",),
        tags.all_applications: (),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationsQuery:
    """What a list can be narrowed to: any of `statuses` (sorted, none means all), and one gig."""

    statuses: tuple[str, ...] = ()
    gig_id: int | None = None
    limit: int = 20
    after: Position | None = None


# Who waits for an answer, for the start page.
WAITING = ApplicationsQuery(statuses=(ApplicationStatus.PENDING,), limit=100)


# Invalidated by: every application of or to this person, and its answer; the other one's name; the gig's title.
@cache.stamped("applications", ttl=600, tag=tags.user_applications, by="user_id")
def applications_page(connection: Connection, user_id: int, role: str, query: ApplicationsQuery) -> JsonObject:
    """List what a student has applied for, or who has applied to a teacher, the newest first."""
    return _page(connection, query, own_side(Application, role) == user_id)


# Invalidated by: every application to the gig, and its answer; names; the gig's title.
@cache.stamped("applications", ttl=600, tag=tags.gig_applications, by="gig_id")
def gig_applications_page(connection: Connection, gig_id: int, query: ApplicationsQuery) -> JsonObject:
    """List the applications to one gig, the newest first."""
    return _page(connection, query, Application.gig_id == gig_id)


# Invalidated by: every application and its answer; names; titles of gigs.
@cache.stamped("applications", ttl=600, tag=tags.all_applications)
def all_applications_page(connection: Connection, query: ApplicationsQuery) -> JsonObject:
    """List all applications for an administrator, the newest first."""
    return _page(connection, query)


# Invalidated by: its answer; the names of its two people; the gig's title.
@cache.stamped("application", ttl=3600, tag=tags.application, by="application_id", kind="entity")
def application(connection: Connection, application_id: int) -> JsonObject | None:
    """Describe one application.

    `shown_to` says who may see it.
    """
    row = connection.execute(_applications().where(Application.id == application_id)).one_or_none()
    return _show(row) if row else None


# Invalidated by: every application to the gig and its answer. A place that is given back is a change of its own, so
# how many are taken is not in here.
@cache.stamped("application-counts", ttl=600, tag=tags.gig_applications, by="gig_id", kind="entity")
def waiting_count(connection: Connection, gig_id: int) -> dict[str, int]:
    """Count the applications to a gig that wait for an answer."""
    pending = (Application.gig_id == gig_id, Application.status == ApplicationStatus.PENDING)
    return {"count": connection.scalar(select(func.count()).select_from(Application).where(*pending)) or 0}


def list_for(user_id: int, role: str, query: ApplicationsQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_applications_page.at(query) if role == Role.ADMIN else applications_page.at(user_id, role, query)


def shown_to(shown: JsonObject | None, viewer: Actor) -> JsonObject:
    """Return an application with what a viewer may do about it.

    The cached one is the same for all. Raises NotFound if there is none, or if it is none of their business.
    """
    if shown is None:
        raise NotFound
    parties = Sides(shown["student"]["id"], shown["teacher"]["id"]).parties(viewer)
    if not parties:
        raise NotFound
    return shown | {"allowed_transitions": allowed(APPLICATION_STEPS, shown["status"], parties)}


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


@name_dependents.add
def _shows_person(session: Session, user_id: int) -> Iterable[Tag]:
    """Name what shows a person's name."""
    return _shows(session, theirs(Application, user_id))


@gig_dependents.add
def _shows_gig(session: Session, gig_id: int) -> Iterable[Tag]:
    """Name what shows a gig's title."""
    return _shows(session, Application.gig_id == gig_id)


def _shows(session: Session, condition: ColumnElement[bool]) -> list[Tag]:
    found = session.execute(select(Application.id, Application.gig_id).where(condition)).all()
    if not found:
        return []
    lists = [*map(tags.user_applications, people_of(session, Application, condition)), tags.all_applications()]
    gigs = map(tags.gig_applications, {row.gig_id for row in found})
    return [*lists, *gigs, *(tags.application(row.id) for row in found)]


def _applications() -> Select[Any]:
    names = ("id", "status", "message", "reason", "created_at", "decided_at")
    own = [getattr(Application, name) for name in names]
    statement = with_people(Application, *own, Assignment.id.label("assignment_id"))
    return statement.outerjoin(Assignment, Assignment.application_id == Application.id)


def _page(connection: Connection, query: ApplicationsQuery, *whose: ColumnElement[bool]) -> JsonObject:
    found = _applications().where(*whose)
    if query.statuses:
        found = found.where(Application.status.in_(query.statuses))
    if query.gig_id is not None:
        found = found.where(Application.gig_id == query.gig_id)
    return newest_page(connection, Application, found, limit=query.limit, after=query.after, show=_show)


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
