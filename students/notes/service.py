"""Changes of notes, by their authors alone.

Each names the tags it makes old.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

import tags
from accounts.dependents import ended_by_closing, taken_over
from bookings.history import share_booking
from caching import invalidate
from database import change_in_bulk, writing
from errors import NotFound
from students.notes.models import Note, NoteDraft


def write_note(student_id: int, draft: NoteDraft, *, author_id: int, now: datetime) -> int:
    """Note something about a student, and return the note's id.

    Raises NotFound if the author never had a booking of theirs.
    """
    with writing() as session:
        if not share_booking(author_id, student_id):
            raise NotFound
        note = Note(
            student_id=student_id,
            author_id=author_id,
            text=draft.text,
            shared=bool(draft.shared),
            created_at=now,
            updated_at=now,
        )
        session.add(note)
        session.flush()
        invalidate(tags.student_notes(student_id))
        return note.id


def change_note(note_id: int, student_id: int, draft: NoteDraft, *, author_id: int, now: datetime) -> None:
    """Put a note into other words, share it, or keep it for oneself from now on.

    Raises NotFound if it is not the author's.
    """
    with writing() as session:
        note = _own(session, note_id, student_id, author_id)
        if draft.text is not None:
            note.text = draft.text
        if draft.shared is not None:
            note.shared = draft.shared
        note.updated_at = now
        invalidate(tags.student_notes(student_id))


def delete_note(note_id: int, student_id: int, *, author_id: int) -> None:
    """Delete a note.

    Raises NotFound if it is not the author's.
    """
    with writing() as session:
        session.delete(_own(session, note_id, student_id, author_id))
        invalidate(tags.student_notes(student_id))


def forget_private(session: Session, author_id: int) -> None:
    """Delete what nobody can read any more, because its author has closed their account.

    What they shared belongs to the student, too, and stays.
    """
    private = (Note.author_id == author_id, ~Note.shared)
    students = session.scalars(select(Note.student_id).distinct().where(*private)).all()
    if students:
        change_in_bulk(session, delete(Note).where(*private))
        invalidate(*map(tags.student_notes, students))


ended_by_closing.append(forget_private)


def hand_over(session: Session, stand_in_id: int, account_id: int) -> None:
    """Make the notes about a stand-in those about the account that takes it over."""
    change_in_bulk(session, update(Note).where(Note.student_id == stand_in_id).values(student_id=account_id))
    invalidate(tags.student_notes(stand_in_id), tags.student_notes(account_id))


taken_over.append(hand_over)


def _own(session: Session, note_id: int, student_id: int, author_id: int) -> Note:
    note = session.get(Note, note_id, with_for_update=True)
    if note is None or (note.student_id, note.author_id) != (student_id, author_id):
        raise NotFound
    return note
