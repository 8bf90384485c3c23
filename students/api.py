"""The JSON API of a teacher's students."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import Response

from accounts.models import Role
from accounts.rights import STAFF
from accounts.sign_in.cached_lists import ListBlueprint, Plain
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from caching.envelope import digest
from errors import NotFound
from jsontext import dumps
from students import queries
from students.queries import StudentsQuery
from students.schemas import StudentDetailSchema, StudentsPageSchema, StudentsQuerySchema
from web.answers import json_response, list_response
from web.clock import now

students = ListBlueprint("students", __name__, url_prefix="/api/students", description="A teacher's students")

TEACHERS = (Role.TEACHER, *STAFF)


@students.cached_list("", StudentsQuerySchema, StudentsPageSchema, own=True, roles=TEACHERS)
def list_students(who: Who, query: StudentsQuery) -> Plain:
    """List one's students, by name: all who have, or had, a booking with the teacher who asks.

    Administrators see those of all teachers.
    """
    return partial(_list, query)


@students.get("/<id:student_id>")
@signed_in(*TEACHERS)
@students.response(200, StudentDetailSchema)
@students.raises(NotFound)
def show_student(student_id: int) -> Response:
    """Show a student to a teacher who has, or had, a booking of theirs, and to administrators.

    What is known of a closed account stays, but for its address.
    """
    return json_response(queries.student_detail(student_id, require_viewer(), now()))


def _list(query: StudentsQuery) -> Response:
    _, (answer,) = own_answers(lambda who: [queries.list_for(who.id, who.role, query)])
    kept, at = answer.json(), now()
    body = dumps(kept | {"data": [queries.at_a_glance(student, at) for student in kept["data"]]})
    return list_response(replace(answer, body=body, etag=digest(body)))
