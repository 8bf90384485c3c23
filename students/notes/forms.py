"""The form of a note.

What is allowed in it, the API's schema says.
"""

from __future__ import annotations

from wtforms import RadioField

from students.notes.schemas import NewNoteSchema
from web.forms import Lines, SchemaForm, choices

PRIVATE, SHARED = "private", "shared"


class NoteForm(SchemaForm):
    """What a teacher notes about a student, and who reads it."""

    schema = NewNoteSchema()
    fields_of = {"shared": "readers"}

    text = Lines("Note")
    readers = RadioField(
        "Who reads it?", choices=choices({PRIVATE: "Only you", SHARED: "The student, too"}), default=PRIVATE
    )

    def entered(self) -> dict[str, object]:
        """Say it as the API does.

        What is not said clearly stays private.
        """
        return {"text": self.text.data or "", "shared": self.readers.data == SHARED}
