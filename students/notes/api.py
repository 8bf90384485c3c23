"""The JSON API of notes about students.

A private note is for its author alone: neither other teachers nor administrators nor the student read it. A shared one
is for the student and for administrators, too.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import Response

from accounts.models import Role
from accounts.rights import STAFF, runs_school
from accounts.sign_in.cached_lists import ListBlueprint, Plain
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from caching import BoundRead
from errors import NotFound
from students.notes import queries, service
from students.notes.models import NoteDraft
from students.notes.queries import NotesQuery
from students.notes.schemas import (
    ChangeNoteSchema,
    NewNoteSchema,
    NoteSchema,
    NotesPageSchema,
    NotesQuerySchema,
    SharedNotesQuerySchema,
)
from students.queries import find_student, teaches
from web.answers import json_response, list_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint("notes", __name__, url_prefix="/api", description="Notes about students")

READERS = (Role.TEACHER, *STAFF)
NOTES = "/students/<id:student_id>/notes"
NOTE = f"{NOTES}/<id:note_id>"


@blueprint.cached_list(NOTES, NotesQuerySchema, NotesPageSchema, own=True, roles=READERS, raises=(NotFound,))
def list_notes(who: Who, query: NotesQuery, student_id: int) -> Plain:
    """List one's own notes about a student of one's own, the newest first.

    Administrators see what teachers share with the student, and no private note.
    """
    return partial(_list, query, student_id)


@blueprint.cached_list(
    "/users/me/notes", SharedNotesQuerySchema, NotesPageSchema, own=True, operation_id="list_shared_notes"
)
def list_shared(who: Who, query: NotesQuery) -> BoundRead:
    """List what teachers share with one as their student, the newest first."""
    return queries.notes_page.at(who.id, query)


@blueprint.post(NOTES)
@signed_in(Role.TEACHER)
@blueprint.arguments(NewNoteSchema)
@blueprint.response(201, NoteSchema)
@blueprint.raises(NotFound)
@idempotent(lambda: require_viewer().id)
def write_note(draft: NoteDraft, student_id: int) -> Response:
    """Note something about a student of one's own."""
    note_id = service.write_note(student_id, draft, author_id=require_viewer().id, now=now())
    return json_response(queries.note(note_id), 201)


@blueprint.patch(NOTE)
@signed_in(Role.TEACHER)
@blueprint.arguments(ChangeNoteSchema)
@blueprint.response(200, NoteSchema)
@blueprint.raises(NotFound)
def change_note(draft: NoteDraft, student_id: int, note_id: int) -> Response:
    """Change a note of one's own."""
    service.change_note(note_id, student_id, draft, author_id=require_viewer().id, now=now())
    return json_response(queries.note(note_id))


@blueprint.delete(NOTE)
@signed_in(Role.TEACHER)
@blueprint.response(204)
@blueprint.raises(NotFound)
def delete_note(student_id: int, note_id: int) -> Response:
    """Delete a note of one's own."""
    service.delete_note(note_id, student_id, author_id=require_viewer().id)
    return Response(status=204)


def _list(query: NotesQuery, student_id: int) -> Response:
    viewer, (known, notes) = own_answers(
        lambda who: [
            teaches.at(who.id, student_id),
            queries.notes_page.at(student_id, _shown_to(who, query)),
        ]
    )
    if runs_school(require_viewer(*READERS).role):
        find_student(student_id, viewer)
    elif not known.json():
        raise NotFound
    return list_response(notes)


def _shown_to(who: Who, query: NotesQuery) -> NotesQuery:
    return replace(query, shared=True) if runs_school(who.role) else replace(query, author_id=who.id)
