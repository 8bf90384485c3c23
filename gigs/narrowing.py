"""Narrow lists of what students have with teachers by words: a part of a name, or of a gig's title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from accounts.models import User
from accounts.names import fold
from gigs.models import Gig

# Up to so many ids are put into the statement itself: then the indexes of people and gigs lead to few rows. Where more
# match, a list in order of time soon has a page of them.
FEW = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Parts of the names of either person and of the teacher, and of the gig's title.

    None means all.
    """

    person: str | None = None
    teacher: str | None = None
    gig: str | None = None


def narrowed_by(connection: Connection, words: Words, model: Any, gig_id: Any) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that a row of `model`, which is about the gig `gig_id`, fits these words."""
    if words.person:
        them = _people(connection, words.person)
        yield or_(model.student_id.in_(them), model.teacher_id.in_(them))
    if words.teacher:
        yield model.teacher_id.in_(_people(connection, words.teacher))
    if words.gig:
        found = select(Gig.id).where(Gig.title.icontains(words.gig, autoescape=True))
        yield gig_id.in_(_few_or_all(connection, found))


def _people(connection: Connection, part: str) -> Any:
    return _few_or_all(connection, select(User.id).where(User.name_key.contains(fold(part), autoescape=True)))


def _few_or_all(connection: Connection, found: Select[Any]) -> Any:
    """Return the ids themselves if they are few, else the statement that finds them."""
    ids = connection.scalars(found.limit(FEW + 1)).all()
    return ids if len(ids) <= FEW else found
