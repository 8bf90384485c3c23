"""What the public list can be narrowed to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, join, select
from sqlalchemy.sql.selectable import Join

from accounts.models import Role, User
from gigs.models import Gig, GigSkill, GigStatus, Visibility
from gigs.search.bands import divided
from gigs.search.hours import WeeklyHours, offered
from gigs.search.models import GigDocument, ListedGig
from gigs.search.words import is_part, words_of
from web.pagination import Position

# A question has few words; what follows them is not looked for.
MOST_WORDS = 12
# Words that say nothing about a gig, because they fit all of them. A gig need not have them.
SAID_OF_ALL = frozenset(
    (
        *("a", "an", "the", "and", "or", "of", "for", "in", "on", "at"),
        *("to", "with", "by", "from", "my", "me", "i", "is", "are", "want"),
        *("need", "learn", "learning", "study", "teach", "lesson", "lessons", "teacher", "teachers", "tutor"),
        *("tutors", "tutoring", "class", "classes", "course", "courses"),
    )
)

# A user who has left, or teaches no more, offers nothing.
TAUGHT = (User.active, User.role == Role.TEACHER)
PUBLIC = (Gig.status == GigStatus.PUBLISHED, Gig.visibility == Visibility.PUBLIC)
LISTED = (*PUBLIC, *TAUGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The words of a search, in the order in which they were typed.

    `words` have to be there, `optional` ones only count. `open_end` is one of them that may go on. Without any word,
    because there are signs alone, nothing is found.
    """

    words: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    open_end: str | None = None
    in_order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GigsQuery:
    """What the public list can be narrowed to.

    Category and skill are folded as in `gigs/search/text.py`, words as in `gigs/search/words.py`. Prices are those of a
    lesson, `hourly` ones are compared whatever its length is.
    """

    asked: Asked | None = None
    category: str | None = None
    skill: str | None = None
    teacher_id: int | None = None
    currency: str | None = None
    min_price: int | None = None
    max_price: int | None = None
    min_hourly: int | None = None
    max_hourly: int | None = None
    min_rating: int | None = None
    # Hours that the teacher offers every week.
    hours: WeeklyHours | None = None
    sort: str = "newest"
    # Only what can be booked then; `bookings/slots/gig_search.py` answers this.
    free_at: datetime | None = None
    limit: int
    after: Position | None = None


def asked_with(typed: str) -> Asked | None:
    """Return what is asked with a typed text, None if it is empty."""
    if not typed.strip():
        return None
    words = list(dict.fromkeys(words_of(typed)))[:MOST_WORDS]
    if not words:
        return Asked()
    optional = tuple(word for word in words if word in SAID_OF_ALL)
    required = tuple(word for word in words if word not in SAID_OF_ALL)
    return Asked(
        words=required or optional,
        optional=optional if required else (),
        open_end=words[-1] if is_part(typed.strip()[-1]) else None,
        in_order=" ".join(words),
    )


def rated(least: int) -> ColumnElement[bool]:
    """Return the condition that a gig's teacher has at least so many stars."""
    return (User.rating_count > 0) & (User.rating_sum >= least * User.rating_count)


_Conditions = dict[str, Callable[[Any], ColumnElement[bool]]]

# What is counted beside the results narrows the list by these. Each count leaves its own ones out.
FACETS: dict[str, _Conditions] = {
    "category": {"category": lambda key: Gig.category_key == key},
    "skill": {"skill": lambda key: Gig.id.in_(select(GigSkill.gig_id).where(GigSkill.skill_key == key))},
    "price": {
        "currency": lambda code: Gig.currency == code,
        "min_price": lambda price: Gig.price_cents >= price,
        "max_price": lambda price: Gig.price_cents <= price,
        "min_hourly": lambda price: Gig.hourly_cents >= price,
        "max_hourly": lambda price: Gig.hourly_cents <= price,
    },
    "rating": {"min_rating": rated},
}


def narrowing(query: GigsQuery) -> dict[str, ColumnElement[bool]]:
    """Return the conditions of the filters that are given, by facet."""
    conditions = {facet: [*_given(query, filters)] for facet, filters in FACETS.items()}
    return {facet: and_(*given) for facet, given in conditions.items() if given}


def always(query: GigsQuery, on: date) -> tuple[Any, ...]:
    """Return the conditions that no facet leaves out, as clocks stand on a day."""
    return (*LISTED, *offers(query, on))


def offers(query: GigsQuery, on: date) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that are about the teacher and their hours, and not counted."""
    if query.teacher_id is not None:
        yield Gig.teacher_id == query.teacher_id
    if query.hours is not None:
        yield offered(query.hours, on)


def needs_price(query: GigsQuery) -> bool:
    """Tell whether a search asks for prices that are no whole bands."""
    of_lesson = query.min_price is not None or query.max_price is not None
    return of_lesson or bool(divided(query.min_hourly, query.max_hourly))


def taught_gigs(*, with_documents: bool) -> Join:
    """Join gigs with their teachers and, for a search, their documents."""
    taught = join(Gig, User, Gig.teacher_id == User.id)
    if not with_documents:
        return taught
    return taught.join(ListedGig, ListedGig.gig_id == Gig.id).join(GigDocument, GigDocument.gig_id == Gig.id)


def _given(query: GigsQuery, filters: _Conditions) -> Iterator[ColumnElement[bool]]:
    for name, condition in filters.items():
        if (value := getattr(query, name)) is not None:
            yield condition(value)
