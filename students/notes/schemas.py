"""What goes in and out of the API about notes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from bookings.schemas import ReferenceSchema
from students.notes.models import LONGEST_NOTE, NoteDraft
from students.notes.queries import NotesQuery
from web.fields import Flag, QueryId, StrictSchema, Text
from web.pagination import PageQuery, PageSchema

_SHARED = {"description": "Whether the student reads it, too. If not, nobody reads it but you."}


class NewNoteSchema(StrictSchema):
    """What is to be noted about a student."""

    EXAMPLE = {"text": "Left hand alone first, then both.", "shared": True}
    MAKES = NoteDraft

    text = Text(at_least=1, at_most=LONGEST_NOTE, required=True)
    shared = Flag(load_default=False, metadata=_SHARED)


class ChangeNoteSchema(StrictSchema):
    """What becomes different of a note, at least one of the two."""

    EXAMPLE = {"shared": False}
    MAKES = NoteDraft

    text = Text(at_least=1, at_most=LONGEST_NOTE)
    shared = Flag(metadata=_SHARED)

    @validates_schema
    def _changes_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Give a new text or say whether it is shared.", "text")


class NoteSchema(StrictSchema):
    """A note about a student."""

    id = fields.Integer(required=True)
    text = fields.String(required=True)
    shared = fields.Boolean(required=True)
    author = fields.Nested(ReferenceSchema, required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class NotesPageSchema(PageSchema):
    """A page of notes."""

    data = fields.List(fields.Nested(NoteSchema), required=True)


class NotesQuerySchema(PageQuery):
    """Which page of the notes about a student."""

    MAKES = NotesQuery


class SharedNotesQuerySchema(PageQuery):
    """Which of the notes that teachers share with one: all, or those of one teacher."""

    author_id = QueryId(data_key="teacher_id", load_default=None)

    # Nothing that is not shared.
    MAKES = partial(NotesQuery, shared=True)
