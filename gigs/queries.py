"""Reads of gigs.

Every cached one names its family, its life time and the tag that makes it old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents, rating_dependents
from accounts.models import User
from accounts.queries import rating
from caching import Tag, cache, invalidation_check
from gigs.models import COLUMNS, LISTED_CHARACTERS, Gig, GigSkill, GigStatus
from gigs.search.filters import TAUGHT
from gigs.search.kept_counts import most_of
from jsontext import JsonObject
from web.pagination import Position, page

MOST_CATEGORIES = 100

# Everything that a teacher entered is shown as it is. Where the lessons take place is for some viewers only.
_SHOWN = ("id", "status", "visibility", *(name for name in COLUMNS if name != "location"), "created_at", "updated_at")
_OF_TEACHER = [Gig.teacher_id, User.name, User.rating_sum, User.rating_count]
_COLUMNS = [*(getattr(Gig, name) for name in _SHOWN), *_OF_TEACHER]
# Lists show how a description begins; a page of whole ones could have 200 KB.
IN_LISTS = [
    *(getattr(Gig, name) for name in _SHOWN if name != "description"),
    func.substr(Gig.description, 1, LISTED_CHARACTERS).label("description"),
    *_OF_TEACHER,
]

# Every change of a gig also reaches its teacher's own list and what can be booked of their time; whether it reaches the
# public lists depends on its status.
invalidation_check.watch(
    Gig,
    {
        tags.gig: ("id",),
        tags.gig_sessions: ("id",),
        tags.user_gigs: ("teacher_id",),
        tags.all_gigs: (),
        tags.teacher_slots: ("teacher_id",),
    },
    unseen=["popularity", "places_taken"],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MyGigsQuery:
    """What a teacher's own list can be narrowed to.

    Without `statuses` it has all of them.
    """

    statuses: tuple[GigStatus, ...] = ()
    limit: int
    after: Position | None = None


# Invalidated by: every change of the gig; its teacher's name, role, leaving, rating.
@cache.stamped("gig", ttl=3600, tag=tags.gig, by="gig_id", kind="entity", shape=3)
def gig(connection: Connection, gig_id: int) -> JsonObject | None:
    """Describe one gig in whatever state, with its location.

    `shown_to` in `gigs/states.py` says what of it a viewer gets to see.
    """
    return whole(connection, [gig_id]).get(gig_id)


# Invalidated by: every change of any of the teacher's gigs; their name, role, leaving, rating.
@cache.stamped("my-gigs", ttl=600, tag=tags.user_gigs, by="teacher_id", shape=4)
def my_gigs_page(connection: Connection, teacher_id: int, query: MyGigsQuery) -> JsonObject:
    """List a teacher's own gigs, newest first."""
    found = _gigs(*IN_LISTS, Gig.location).where(Gig.teacher_id == teacher_id)
    if query.statuses:
        found = found.where(Gig.status.in_(query.statuses))
    if query.after:
        found = found.where(Gig.id < query.after[1])
    rows = connection.execute(found.order_by(Gig.id.desc()).limit(query.limit + 1)).all()
    skills = _skills_of(connection, rows)
    return page(
        rows,
        limit=query.limit,
        order="newest",
        position=lambda row: (0, row.id),
        show=lambda row: _show_whole(row, skills[row.id]),
    )


# Invalidated by: the same as the public list.
@cache.stamped("categories", ttl=86400, tag=tags.public_gigs, shape=2)
def categories(connection: Connection) -> JsonObject:
    """List the categories in use with their number of public gigs, the largest first."""
    rows = most_of(connection, "category", MOST_CATEGORIES)
    # Under the names of the first version, and under those of the facets.
    named = [{"name": row["value"], "gigs": row["count"], **row} for row in rows]
    return {"data": named, "next_cursor": None}


def described(connection: Connection, gig_ids: Collection[int]) -> dict[int, JsonObject]:
    """Describe these gigs, by id, as lists do."""
    rows = connection.execute(_gigs(*IN_LISTS).where(Gig.id.in_(gig_ids))).all()
    skills = _skills_of(connection, rows)
    return {row.id: show(row, skills[row.id]) for row in rows}


def whole(connection: Connection, gig_ids: Collection[int]) -> dict[int, JsonObject]:
    """Describe these gigs, by id, as `gig` does."""
    rows = connection.execute(_gigs(*_COLUMNS, Gig.location).where(Gig.id.in_(gig_ids), *TAUGHT)).all()
    skills = _skills_of(connection, rows)
    return {row.id: _show_whole(row, skills[row.id]) for row in rows}


def gig_to_book(connection: Connection, gig_id: int) -> Row[Any] | None:
    """Read what a booking depends on.

    `is_taught` is False if the teacher has left or teaches no more.
    """
    return connection.execute(_to_book(Gig.id == gig_id)).one_or_none()


def gigs_to_book(connection: Connection, gig_ids: Collection[int]) -> Sequence[Row[Any]]:
    """Read the same of several gigs at once."""
    return connection.execute(_to_book(Gig.id.in_(gig_ids))).all()


def gig_for_booking(session: Session, gig_id: int, *, wait: bool = True) -> Row[Any] | None:
    """Read the same, and lock it until the caller's write transaction ends.

    A gig is locked before people. A caller who has locked people already must not `wait`: then it is None, too, while
    the gig is being changed.
    """
    locked = _to_book(Gig.id == gig_id).with_for_update(read=True, of=Gig, skip_locked=not wait)
    return session.execute(locked).one_or_none()


@name_dependents.add
@rating_dependents.add
def _shows_teacher(session: Session, teacher_id: int) -> Iterable[Tag]:
    """Name what shows a teacher's name and rating, and what disappears with them."""
    own = [tags.gig(gig_id) for gig_id in session.scalars(select(Gig.id).where(Gig.teacher_id == teacher_id))]
    return [*own, tags.user_gigs(teacher_id), tags.public_gigs()] if own else []


def _to_book(which: ColumnElement[bool]) -> Select[Any]:
    names = (
        *("id", "teacher_id", "title", "location", "status", "visibility", "enrolment", "confirmation", "times"),
        *("price_cents", "currency", "duration_minutes", "capacity", "schedule_id"),
        *("free_cancellation_hours", "late_cancellation_percent"),
    )
    columns: list[Any] = [*(getattr(Gig, name) for name in names), and_(*TAUGHT).label("is_taught")]
    return select(*columns).join(User).where(which)


def _gigs(*columns: Any) -> Select[Any]:
    return select(*columns).join(User)


def _skills_of(connection: Connection, rows: Sequence[Row[Any]]) -> defaultdict[int, list[str]]:
    """Read the skills of all these gigs at once."""
    skills: defaultdict[int, list[str]] = defaultdict(list)
    if not rows:
        return skills
    statement = select(GigSkill.gig_id, GigSkill.skill).where(GigSkill.gig_id.in_([row.id for row in rows]))
    for gig_id, skill in connection.execute(statement.order_by(GigSkill.gig_id, GigSkill.position)):
        skills[gig_id].append(skill)
    return skills


def show(row: Row[Any], skills: list[str]) -> JsonObject:
    """Show a gig as everybody sees it."""
    teacher = {"id": row.teacher_id, "name": row.name, **rating(row.rating_sum, row.rating_count)}
    return {name: getattr(row, name) for name in _SHOWN} | {"skills": skills, "teacher": teacher}


def _show_whole(row: Row[Any], skills: list[str]) -> JsonObject:
    return show(row, skills) | {"location": row.location}
