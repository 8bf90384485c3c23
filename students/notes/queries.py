"""Reads of notes, the cached one with its family, life time and tag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents
from accounts.models import User
from caching import Tag, cache, invalidation_check
from database import reading
from jsontext import JsonObject
from students.notes.models import Note
from web.pagination import Position, page

NEWEST = "newest"

invalidation_check.watch(Note, {tags.student_notes: ("student_id",)})


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesQuery:
    """Which notes about a student.

    Those of one author, or those that are shared, or both; never those of all authors that are not shared.
    """

    author_id: int | None = None
    shared: bool = False
    limit: int = 20
    after: Position | None = None


# Invalidated by: a new, changed or deleted note about the student, the name of an author.
@cache.stamped("notes", tag=tags.student_notes, by="student_id")
def notes_page(connection: Connection, student_id: int, query: NotesQuery) -> JsonObject:
    """List notes about a student, the newest first.

    The caller finds out who may read which.
    """
    assert query.shared or query.author_id is not None, "Private notes are for their author alone."
    found = _notes().where(Note.student_id == student_id)
    if query.shared:
        found = found.where(Note.shared)
    if query.author_id is not None:
        found = found.where(Note.author_id == query.author_id)
    if query.after:
        found = found.where(Note.id < query.after[1])
    rows = connection.execute(found.order_by(Note.id.desc()).limit(query.limit + 1)).all()
    return page(rows, limit=query.limit, order=NEWEST, position=lambda row: (0, row.id), show=_show)


def note(note_id: int) -> JsonObject:
    """Show a note that was just written or changed to its author.

    Not cached.
    """
    with reading() as connection:
        return _show(connection.execute(_notes().where(Note.id == note_id)).one())


@name_dependents.add
def _notes_by(session: Session, user_id: int) -> Iterable[Tag]:
    """Name the notes in which this person's name stands."""
    students = session.scalars(select(Note.student_id).distinct().where(Note.author_id == user_id))
    return [tags.student_notes(student_id) for student_id in students]


def _notes() -> Select[Any]:
    own = [getattr(Note, name) for name in ("id", "text", "shared", "author_id", "created_at", "updated_at")]
    return select(*own, User.name).join(User, User.id == Note.author_id)


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "text": row.text,
        "shared": row.shared,
        "author": {"id": row.author_id, "name": row.name},
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
