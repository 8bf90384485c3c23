"""Read who teaches, and who would like to.

Not cached: few people look at it, and buttons stand beside each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from accounts.models import Role, User
from accounts.names import fold
from accounts.teaching.models import TeachingRecord, TeachingStatus
from accounts.teaching.states import decisions
from database import reading
from errors import NotFound
from gigs.models import Gig, GigStatus
from jsontext import JsonObject
from web.pagination import Position, page


class WhichTeachers(StrEnum):
    """Which teachers of the school."""

    ALL = "all"
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    ENDED = "ended"
    # They have not asked yet.
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachersQuery:
    """What the list of teachers is narrowed to."""

    status: WhichTeachers = WhichTeachers.ALL
    q: str | None = None
    limit: int
    after: Position | None = None


def teachers_page(query: TeachersQuery) -> JsonObject:
    """List the teachers who have an account, the newest first."""
    found = _teachers()
    if query.status is WhichTeachers.NONE:
        found = found.where(TeachingRecord.status.is_(None))
    elif query.status is not WhichTeachers.ALL:
        found = found.where(TeachingRecord.status == TeachingStatus(query.status))
    if query.q:
        found = found.where(_named(query.q))
    if query.after:
        found = found.where(User.id < query.after[1])
    with reading() as connection:
        rows = connection.execute(found.order_by(User.id.desc()).limit(query.limit + 1)).all()
    return page(rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show)


def teacher(user_id: int) -> JsonObject:
    """Describe how things stand with one teacher.

    Raises NotFound.
    """
    with reading() as connection:
        row = connection.execute(_teachers().where(User.id == user_id)).one_or_none()
    if row is None:
        raise NotFound
    return _show(row)


def _teachers() -> Select[Any]:
    published = select(func.count()).where(Gig.teacher_id == User.id, Gig.status == GigStatus.PUBLISHED)
    it = TeachingRecord
    columns: list[Any] = [User.id, User.name, User.email, it.status, it.message, it.reason, it.asked_at, it.decided_at]
    columns += [published.correlate(User).scalar_subquery().label("published_gigs")]
    return select(*columns).outerjoin(it, it.user_id == User.id).where(User.role == Role.TEACHER, User.active)


def _named(letters: str) -> ColumnElement[bool]:
    of_name = User.name_key.contains(fold(letters), autoescape=True)
    return of_name | User.email.contains(letters.strip().lower(), autoescape=True)


def _show(row: Row[Any]) -> JsonObject:
    names = ("id", "name", "email", "status", "asked_at", "decided_at", "published_gigs")
    texts = {"message": row.message or "", "reason": row.reason or "", "allowed": decisions(row.status)}
    return {name: getattr(row, name) for name in names} | texts
