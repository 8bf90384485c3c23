"""The cached read of the directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select

import tags
from accounts.models import Role, User
from accounts.queries import people, profile, show_person
from caching import BoundRead, cache, warming
from database import reading
from gigs.models import Gig
from gigs.search.filters import PUBLIC
from jsontext import JsonObject
from web.pagination import DEFAULT_LIMIT, Position, page

NEWEST = "newest"
# Of each teacher so many subjects and gigs are named; a page of their own shows the others.
SUBJECTS_SHOWN, GIGS_SHOWN = 6, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachersQuery:
    """What the directory can be narrowed to.

    All `words` are looked for in names, headlines and public gigs, all of `named` in names alone, where they have to be
    whole parts. With `offering` only those are listed who offer something.
    """

    words: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    category: str | None = None
    min_rating: int | None = None
    offering: bool = False
    limit: int
    after: Position | None = None


# Invalidated by: a teacher's registration, profile, role or deactivation, a review; every change of the public gigs.
@cache.stamped("teachers", ttl=600, tag=tags.teachers, shape=2)
def teachers_page(connection: Connection, query: TeachersQuery) -> JsonObject:
    """List active teachers with what they offer, newest first."""
    found = people().where(User.role == Role.TEACHER, User.active, *_conditions(query))
    if query.after:
        found = found.where(User.id < query.after[1])
    rows = connection.execute(found.order_by(User.id.desc()).limit(query.limit + 1)).all()
    offers = _offers(connection, [row.id for row in rows])
    return page(
        rows,
        limit=query.limit,
        order=NEWEST,
        position=lambda row: (0, row.id),
        show=lambda row: show_person(row) | _show_offer(offers[row.id]),
    )


@warming.strategy("teachers' profiles")
def _newest_teachers(limit: int) -> Iterator[BoundRead]:
    """Name the first page of the directory, and the newest teachers' profiles."""
    yield teachers_page.at(TeachersQuery(limit=DEFAULT_LIMIT))
    teachers = select(User.id).where(User.role == Role.TEACHER, User.active).order_by(User.id.desc()).limit(limit)
    with reading() as connection:
        ids = connection.scalars(teachers).all()
    yield from (profile.at(user_id) for user_id in ids)


def _conditions(query: TeachersQuery) -> Iterator[ColumnElement[bool]]:
    for word in query.words:
        gigs = _gigs_with(Gig.search_text.contains(word, autoescape=True))
        yield or_(
            User.name_key.contains(word, autoescape=True),
            User.headline_key.contains(word, autoescape=True),
            User.id.in_(gigs),
        )
    for part in query.named:
        yield (" " + User.name_key + " ").contains(f" {part} ", autoescape=True)
    if query.category is not None:
        yield User.id.in_(_gigs_with(Gig.category_key == query.category))
    elif query.offering:
        yield User.id.in_(_gigs_with())
    if query.min_rating is not None:
        yield (User.rating_count > 0) & (User.rating_sum >= query.min_rating * User.rating_count)


def _gigs_with(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Select the teachers who have a public gig of this kind."""
    return select(Gig.teacher_id).where(*PUBLIC, *conditions)


def _offers(connection: Connection, teacher_ids: Collection[int]) -> defaultdict[int, list[Row[Any]]]:
    """Read the public gigs of these teachers at once, the newest first."""
    offers: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    if teacher_ids:
        columns: list[Any] = [Gig.teacher_id, Gig.id, Gig.title, Gig.category, Gig.category_key]
        columns += [Gig.price_cents, Gig.currency]
        theirs = select(*columns).where(*PUBLIC, Gig.teacher_id.in_(teacher_ids))
        for row in connection.execute(theirs.order_by(Gig.created_at.desc(), Gig.id.desc())):
            offers[row.teacher_id].append(row)
    return offers


def _show_offer(gigs: Sequence[Row[Any]]) -> JsonObject:
    """Show what a teacher offers: their subjects, the lowest price in each currency, and the newest gigs."""
    subjects: dict[str, str] = {}
    lowest: dict[str, int] = {}
    for row in gigs:
        subjects.setdefault(row.category_key, row.category)
        lowest[row.currency] = min(row.price_cents, lowest.get(row.currency, row.price_cents))
    return {
        "subjects": list(subjects.values())[:SUBJECTS_SHOWN],
        "price_from": [{"currency": currency, "price_cents": lowest[currency]} for currency in sorted(lowest)],
        "gigs": [{"id": row.id, "title": row.title} for row in gigs[:GIGS_SHOWN]],
    }
