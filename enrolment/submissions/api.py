"""The JSON API of submissions, for their two people and administrators."""

from __future__ import annotations

from flask import Response

from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, require_viewer, signed_in
from caching import BoundRead
from enrolment.submissions import queries, service
from enrolment.submissions.models import NewSubmission, Verdict
from enrolment.submissions.queries import SubmissionsQuery
from enrolment.submissions.schemas import (
    NewSubmissionSchema,
    SubmissionSchema,
    SubmissionsPageSchema,
    SubmissionsQuerySchema,
    VerdictSchema,
)
from errors import Forbidden, NotFound, WrongState
from web.answers import json_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint("submissions", __name__, url_prefix="/api", description="What students hand in")

VERSIONS = "/tasks/<id:task_id>/submissions"


@blueprint.cached_list(
    VERSIONS, SubmissionsQuerySchema, SubmissionsPageSchema, own=True, raises=(NotFound,), operation_id="list_versions"
)
def list_versions(who: Who, query: SubmissionsQuery, task_id: int) -> BoundRead:
    """List all versions that were handed in for a task, the newest first."""
    return queries.versions_for(who.id, who.role, task_id, query)


@blueprint.cached_list(
    "/assignments/<id:assignment_id>/submissions",
    SubmissionsQuerySchema,
    SubmissionsPageSchema,
    own=True,
    raises=(NotFound,),
)
def list_submissions(who: Who, query: SubmissionsQuery, assignment_id: int) -> BoundRead:
    """List all that was handed in for an assignment, the newest first."""
    return queries.submissions_for(who.id, who.role, assignment_id, query)


@blueprint.post(VERSIONS)
@signed_in()
@blueprint.arguments(NewSubmissionSchema)
@blueprint.response(201, SubmissionSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
@idempotent(lambda: require_viewer().id)
def submit_work(new: NewSubmission, task_id: int) -> Response:
    """Hand something in for a task: each time a new version, until one is approved."""
    submission_id = service.hand_in(task_id, new, actor=require_viewer(), now=now())
    return json_response(queries.submission(submission_id), 201)


@blueprint.patch("/submissions/<id:submission_id>")
@signed_in()
@blueprint.arguments(VerdictSchema)
@blueprint.response(200, SubmissionSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
def review_submission(verdict: Verdict, submission_id: int) -> Response:
    """Approve the newest version for a task, or ask for another one."""
    service.review(submission_id, verdict, actor=require_viewer(), now=now())
    return json_response(queries.submission(submission_id))
