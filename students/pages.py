"""Pages of a teacher's students: the list, and one for each.

That one has their lessons and the notes about them.
"""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.rights import STAFF, runs_school
from accounts.sign_in.identity import own_answers, require_viewer
from errors import Forbidden
from students import queries
from students.notes import service as notes
from students.notes.forms import NoteForm
from students.notes.queries import NotesQuery, notes_page
from students.notes.schemas import NotesQuerySchema
from students.queries import StudentsQuery
from students.schemas import StudentsQuerySchema
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, refused

pages = PageBlueprint("student_pages", __name__)


@pages.get("/students")
def mine() -> str:
    """List a teacher's students, or to an administrator all."""
    query: StudentsQuery = from_address(StudentsQuerySchema(), "q", "cursor")
    viewer, (answer,) = own_answers(lambda who: [queries.list_for(who.id, who.role, query)])
    if viewer.role not in (Role.TEACHER, *STAFF):
        raise Forbidden
    page, at = answer.json(), now()
    students = [queries.at_a_glance(student, at) for student in page["data"]]
    return render_template("students/list.html", students=students, q=query.q, next_cursor=page["next_cursor"])


@pages.get("/students/<id:student_id>")
def show(student_id: int) -> str:
    """Show a student with their lessons and the notes about them."""
    return _page(student_id, NoteForm(formdata=None))


@pages.form("/students/<id:student_id>/notes", of="student_pages.show")
def write_note(student_id: int) -> Page:
    """Note something about a student."""
    viewer, form = require_viewer(Role.TEACHER), NoteForm()
    if not form.validate():
        return refused(_page(student_id, form))
    notes.write_note(student_id, form.loaded, author_id=viewer.id, now=now())
    flash("The note is saved." + (" The student can read it." if form.loaded.shared else " Only you can read it."))
    return _back(student_id)


@pages.form("/students/<id:student_id>/notes/<id:note_id>", of="student_pages.show")
def change_note(student_id: int, note_id: int) -> Page:
    """Change a note, or who reads it."""
    viewer, form = require_viewer(Role.TEACHER), NoteForm()
    if not form.validate():
        return refused(_page(student_id, form, note_id))
    notes.change_note(note_id, student_id, form.loaded, author_id=viewer.id, now=now())
    flash("The note is changed." + (" The student can read it." if form.loaded.shared else " Only you can read it."))
    return _back(student_id)


@pages.form("/students/<id:student_id>/notes/<id:note_id>/delete", of="student_pages.show")
def delete_note(student_id: int, note_id: int) -> Response:
    """Delete a note."""
    notes.delete_note(note_id, student_id, author_id=require_viewer(Role.TEACHER).id)
    flash("The note is deleted.")
    return _back(student_id)


def _back(student_id: int) -> Response:
    return redirect(url_for(".show", student_id=student_id, _anchor="notes"))


def _page(student_id: int, form: NoteForm, note_id: int | None = None) -> str:
    """Render the page, with a form that may have been refused.

    It is that of a new note, or of the one with this id.
    """
    viewer = require_viewer(Role.TEACHER, *STAFF)
    student = queries.student_detail(student_id, viewer, now())
    asked: NotesQuery = from_address(NotesQuerySchema(), "cursor")
    office = runs_school(viewer.role)
    asked = replace(asked, shared=True) if office else replace(asked, author_id=viewer.id)
    found = notes_page(student_id, asked).json()
    known = [*student["next_lessons"], *student["last_lessons"]]
    return render_template(
        "students/show.html",
        student=student,
        # What is proposed begins at a lesson of the two, and only where they have agreed on one.
        propose_from=known[0]["id"] if known and student["email"] and not office else None,
        notes=found["data"],
        next_cursor=found["next_cursor"],
        note_form=form,
        refused_note=note_id,
    )
