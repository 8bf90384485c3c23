"""The JSON API of assignments, for their two people and administrators."""

from __future__ import annotations

from flask import Response

from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from caching import Answer, BoundRead
from enrolment.assignments import queries, service
from enrolment.assignments.models import Ending
from enrolment.assignments.queries import HistoryQuery
from enrolment.assignments.schemas import (
    AssignmentDetailSchema,
    AssignmentsPageSchema,
    AssignmentsQuerySchema,
    EndingSchema,
    HistoryQuerySchema,
)
from enrolment.rows import PlacesQuery
from errors import Forbidden, NotFound, WrongState
from web.answers import detail_response, existing, json_response
from web.clock import now

blueprint = ListBlueprint("assignments", __name__, url_prefix="/api", description="Places that students have")


@blueprint.cached_list("/assignments", AssignmentsQuerySchema, AssignmentsPageSchema, own=True)
def list_assignments(who: Who, query: PlacesQuery) -> BoundRead:
    """List one's own assignments, as student or as teacher, the newest first."""
    return queries.list_for(who.id, who.role, query)


@blueprint.cached_list(
    "/users/me/work-history",
    HistoryQuerySchema,
    AssignmentsPageSchema,
    own=True,
    operation_id="list_work_history",
)
def list_history(who: Who, query: HistoryQuery) -> BoundRead:
    """List one's own assignments that have ended, the last one first."""
    return queries.work_history.at(who.id, who.role, query)


@blueprint.get("/assignments/<id:assignment_id>")
@signed_in()
@blueprint.response(200, AssignmentDetailSchema, cached=True)
@blueprint.raises(NotFound)
def show_assignment(assignment_id: int) -> Response:
    """Show an assignment, with what the viewer may do about it."""
    return detail_response(_shown(assignment_id))


@blueprint.patch("/assignments/<id:assignment_id>")
@signed_in()
@blueprint.arguments(EndingSchema)
@blueprint.response(200, AssignmentDetailSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
def end_assignment(ending: Ending, assignment_id: int) -> Response:
    """Complete an assignment as its teacher, or drop it as one of the two.

    Either way its place is free again.
    """
    service.end(assignment_id, ending, actor=require_viewer(), now=now())
    return json_response(_shown(assignment_id).json())


def _shown(assignment_id: int) -> Answer:
    _, (found,) = own_answers(lambda who: [queries.assignment_for(who.id, who.role, assignment_id)])
    return existing(found)
