"""The JSON API of jobs, for those who run the school."""

from __future__ import annotations

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import signed_in
from errors import NotFound
from jobs import inspection
from operators.jobs.queries import JobsQuery, jobs_page
from operators.jobs.schemas import JobsPageSchema, JobsQuerySchema, RetriedSchema
from web.answers import json_response
from web.api import ApiBlueprint

blueprint = ApiBlueprint("jobs", __name__, url_prefix="/api/admin/jobs", description="Work that no request waits for")


@blueprint.get("")
@signed_in(*STAFF)
@blueprint.arguments(JobsQuerySchema, location="query")
@blueprint.response(200, JobsPageSchema)
@blueprint.doc(operationId="list_jobs")
def list_jobs(query: JobsQuery) -> Response:
    """List jobs, the newest first."""
    return json_response(jobs_page(query) | {"cached": False})


@blueprint.post("/<id:job_id>/retry")
@signed_in(*STAFF)
@blueprint.response(200, RetriedSchema)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="retry_job")
def retry_job(job_id: int) -> Response:
    """Have a dead job tried again, as often as if it were new."""
    if not inspection.retry(job_id):
        raise NotFound
    return json_response({"retried": 1})


@blueprint.post("/retry-dead")
@signed_in(*STAFF)
@blueprint.response(200, RetriedSchema)
@blueprint.doc(operationId="retry_dead_jobs")
def retry_dead_jobs() -> Response:
    """Have all dead jobs tried again."""
    return json_response({"retried": inspection.retry()})
