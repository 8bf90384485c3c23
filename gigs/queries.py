"""Reads of gigs.

Every cached one names its family, its life time and the tag that makes it old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents, rating_dependents
from accounts.models import Role, User
from accounts.queries import rating
from caching import BoundRead, Tag, cache, invalidation_check, warming
from gigs.models import COLUMNS, LISTED_CHARACTERS, Gig, GigSkill, GigStatus, Visibility
from gigs.search.sorting import ORDERS
from jsontext import JsonObject
from web.pagination import DEFAULT_LIMIT, Position, page

MOST_CATEGORIES = 100
# From here on nobody needs to know how many gigs there are.
MOST_COUNTED = 1000

# A user who has left, or teaches no more, offers nothing.
_TAUGHT = (User.active, User.role == Role.TEACHER)
PUBLIC = (Gig.status == GigStatus.PUBLISHED, Gig.visibility == Visibility.PUBLIC)
LISTED = (*PUBLIC, *_TAUGHT)

# Everything that a teacher entered is shown as it is. Where the lessons take place is for some viewers only.
_SHOWN = ("id", "status", "visibility", *(name for name in COLUMNS if name != "location"), "created_at", "updated_at")
_OF_TEACHER = [Gig.teacher_id, User.name, User.rating_sum, User.rating_count]
_COLUMNS = [*(getattr(Gig, name) for name in _SHOWN), *_OF_TEACHER]
# Lists show how a description begins; a page of whole ones could have 200 KB.
_IN_LISTS = [
    *(getattr(Gig, name) for name in _SHOWN if name != "description"),
    func.substr(Gig.description, 1, LISTED_CHARACTERS).label("description"),
    *_OF_TEACHER,
]

_FILTERS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "category": lambda key: Gig.category_key == key,
    "skill": lambda key: Gig.id.in_(select(GigSkill.gig_id).where(GigSkill.skill_key == key)),
    "teacher_id": lambda teacher_id: Gig.teacher_id == teacher_id,
    "min_price": lambda price: Gig.price_cents >= price,
    "max_price": lambda price: Gig.price_cents <= price,
    "min_rating": lambda least: (User.rating_count > 0) & (User.rating_sum >= least * User.rating_count),
}

# Every change of a gig also reaches its teacher's own list and what can be booked of their time; whether it reaches the
# public lists depends on its status.
invalidation_check.watch(
    Gig,
    {
        tags.gig: ("id",),
        tags.gig_sessions: ("id",),
        tags.user_gigs: ("teacher_id",),
        tags.teacher_slots: ("teacher_id",),
    },
    unseen=["popularity", "places_taken"],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GigsQuery:
    """What the public list can be narrowed to.

    Words, category and skill are folded as in `gigs/search/text.py`.
    """

    words: tuple[str, ...] = ()
    category: str | None = None
    skill: str | None = None
    teacher_id: int | None = None
    min_price: int | None = None
    max_price: int | None = None
    min_rating: int | None = None
    sort: str = "newest"
    # Only what can be booked then; `bookings/slots/gig_search.py` answers this.
    free_at: datetime | None = None
    limit: int
    after: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyGigsQuery:
    """What a teacher's own list can be narrowed to.

    Without `statuses` it has all of them.
    """

    statuses: tuple[GigStatus, ...] = ()
    limit: int
    after: Position | None = None


# Invalidated by: a published gig's changes, publishing, pausing, archiving; its teacher's name, role, leaving, rating.
@cache.stamped("gigs", ttl=300, tag=tags.public_gigs, shape=4)
def gigs_page(connection: Connection, query: GigsQuery) -> JsonObject:
    """List published public gigs."""
    rows = connection.execute(listed(query, *_IN_LISTS).limit(query.limit + 1)).all()
    skills = _skills_of(connection, rows)
    return page(
        rows,
        limit=query.limit,
        order=query.sort,
        position=place_in(query.sort),
        show=lambda row: _show(row, skills[row.id]),
    )


# Invalidated by: the same.
@cache.stamped("gigs", ttl=300, tag=tags.public_gigs)
def number_of_gigs(connection: Connection, query: GigsQuery) -> dict[str, int]:
    """Count what such a list has from its beginning, up to MOST_COUNTED."""
    every = listed(query, Gig.id).order_by(None).limit(MOST_COUNTED)
    return {"count": connection.scalar(select(func.count()).select_from(every.subquery())) or 0}


# Invalidated by: every change of the gig; its teacher's name, role, leaving, rating.
@cache.stamped("gig", ttl=3600, tag=tags.gig, by="gig_id", kind="entity", shape=3)
def gig(connection: Connection, gig_id: int) -> JsonObject | None:
    """Describe one gig in whatever state, with its location.

    `shown_to` in `gigs/states.py` says what of it a viewer gets to see.
    """
    row = connection.execute(_gigs(*_COLUMNS, Gig.location).where(Gig.id == gig_id, *_TAUGHT)).one_or_none()
    return _show_whole(row, _skills_of(connection, [row])[gig_id]) if row else None


# Invalidated by: every change of any of the teacher's gigs; their name, role, leaving, rating.
@cache.stamped("my-gigs", ttl=600, tag=tags.user_gigs, by="teacher_id", shape=4)
def my_gigs_page(connection: Connection, teacher_id: int, query: MyGigsQuery) -> JsonObject:
    """List a teacher's own gigs, newest first."""
    found = _gigs(*_IN_LISTS, Gig.location).where(Gig.teacher_id == teacher_id)
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
    number = func.count()
    statement = select(func.min(Gig.category).label("name"), number.label("gigs")).join(User).where(*LISTED)
    statement = statement.group_by(Gig.category_key).order_by(number.desc(), Gig.category_key).limit(MOST_CATEGORIES)
    rows = connection.execute(statement)
    # Under the names of the first version, and under those of the facets.
    named = [{"name": row.name, "gigs": row.gigs, "value": row.name, "count": row.gigs} for row in rows]
    return {"data": named, "next_cursor": None}


def listed(query: GigsQuery, *columns: Any) -> Select[Any]:
    """Select these columns of the public list.

    It is narrowed and sorted as the query says, from its cursor on. One more column, `position`, tells `place_in` where
    in that order a row stands.
    """
    order = ORDERS[query.sort]
    statement = select(*columns, order.column.label("position")).select_from(Gig).join(User).where(*LISTED)
    if query.after:
        statement = statement.where(order.after(query.after))
    return _narrowed(statement, query).order_by(*order.clauses())


def place_in(sort: str) -> Callable[[Row[Any]], Position]:
    """Return the function that tells where a row of `listed` stands in this order."""
    order = ORDERS[sort]
    return lambda row: (order.number_of(row.position), row.id)


def described(connection: Connection, gig_ids: Collection[int]) -> dict[int, JsonObject]:
    """Describe these gigs, by id, as lists do."""
    rows = connection.execute(_gigs(*_IN_LISTS).where(Gig.id.in_(gig_ids))).all()
    skills = _skills_of(connection, rows)
    return {row.id: _show(row, skills[row.id]) for row in rows}


def gig_to_book(connection: Connection, gig_id: int) -> Row[Any] | None:
    """Read what a booking depends on.

    `is_taught` is False if the teacher has left or teaches no more.
    """
    return connection.execute(_to_book(gig_id)).one_or_none()


def gig_for_booking(session: Session, gig_id: int, *, wait: bool = True) -> Row[Any] | None:
    """Read the same, and lock it until the caller's write transaction ends.

    A gig is locked before people. A caller who has locked people already must not `wait`: then it is None, too, while
    the gig is being changed.
    """
    locked = _to_book(gig_id).with_for_update(read=True, of=Gig, skip_locked=not wait)
    return session.execute(locked).one_or_none()


@warming.strategy("public gigs")
def _first_page(_limit: int) -> Iterator[BoundRead]:
    """Name the first page of the public list, and each gig in it."""
    first = gigs_page.at(GigsQuery(limit=DEFAULT_LIMIT))
    yield first
    yield categories.at()
    for shown in cache.look_up(first)[0].answer().json()["data"]:
        yield gig.at(shown["id"])


@name_dependents.add
@rating_dependents.add
def _shows_teacher(session: Session, teacher_id: int) -> Iterable[Tag]:
    """Name what shows a teacher's name and rating, and what disappears with them."""
    own = [tags.gig(gig_id) for gig_id in session.scalars(select(Gig.id).where(Gig.teacher_id == teacher_id))]
    return [*own, tags.user_gigs(teacher_id), tags.public_gigs()] if own else []


def _to_book(gig_id: int) -> Select[Any]:
    names = (
        *("id", "teacher_id", "title", "location", "status", "visibility", "enrolment", "confirmation", "times"),
        *("price_cents", "currency", "duration_minutes", "capacity", "schedule_id"),
        *("free_cancellation_hours", "late_cancellation_percent"),
    )
    columns: list[Any] = [*(getattr(Gig, name) for name in names), and_(*_TAUGHT).label("is_taught")]
    return select(*columns).join(User).where(Gig.id == gig_id)


def _narrowed(found: Select[Any], query: GigsQuery) -> Select[Any]:
    """Add the query's filters, those which were given."""
    for name, condition in _FILTERS.items():
        if (value := getattr(query, name)) is not None:
            found = found.where(condition(value))
    return found.where(*map(_has_word, query.words))


def _has_word(word: str) -> ColumnElement[bool]:
    """Look for a word in what is written about a gig, and in its teacher's name."""
    return Gig.search_text.contains(word, autoescape=True) | User.name_key.contains(word, autoescape=True)


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


def _show(row: Row[Any], skills: list[str]) -> JsonObject:
    teacher = {"id": row.teacher_id, "name": row.name, **rating(row.rating_sum, row.rating_count)}
    return {name: getattr(row, name) for name in _SHOWN} | {"skills": skills, "teacher": teacher}


def _show_whole(row: Row[Any], skills: list[str]) -> JsonObject:
    return _show(row, skills) | {"location": row.location}
