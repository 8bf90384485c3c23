"""The JSON API with which the school approves its teachers."""

from __future__ import annotations

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from accounts.teaching.models import TeachingDecision
from administration.teaching import queries, service
from administration.teaching.queries import TeachersQuery
from administration.teaching.schemas import (
    SchoolTeacherSchema,
    SchoolTeachersPageSchema,
    TeachersQuerySchema,
    TeachingDecisionSchema,
)
from errors import NotFound, WrongState
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint(
    "admin_teaching", __name__, url_prefix="/api/admin/teachers", description="Teachers whom the school approves"
)


@blueprint.get("")
@signed_in(*STAFF)
@blueprint.arguments(TeachersQuerySchema, location="query")
@blueprint.response(200, SchoolTeachersPageSchema)
@blueprint.doc(operationId="list_school_teachers")
def list_teachers(query: TeachersQuery) -> Response:
    """List the teachers, with those who ask for the school's approval."""
    return json_response(queries.teachers_page(query) | {"cached": False})


@blueprint.patch("/<id:teacher_id>")
@signed_in(*STAFF)
@blueprint.arguments(TeachingDecisionSchema)
@blueprint.response(200, SchoolTeacherSchema)
@blueprint.raises(NotFound, WrongState)
@blueprint.doc(operationId="decide_about_teacher")
def decide(decision: TeachingDecision, teacher_id: int) -> Response:
    """Approve a teacher, decline one, or end an approval.

    The teacher is told. With an approval end published gigs: they are paused, and lessons that are agreed on stay.
    """
    service.decide(teacher_id, decision, actor=require_viewer(), now=now())
    return json_response(queries.teacher(teacher_id))
