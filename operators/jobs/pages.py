"""The page on which those who run the school look after jobs."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from jobs import inspection
from jobs.models import JobState
from operators.jobs.queries import JobsQuery, jobs_page
from operators.jobs.schemas import JobsQuerySchema
from web.forms import from_address
from web.pages import PageBlueprint, go_back

pages = PageBlueprint("job_pages", __name__)

_TABS = {JobState.DEAD: "Given up", JobState.RUNNING: "Under way", JobState.WAITING: "Waiting"}
# What jobs are about, as their names begin.
_ABOUT: Mapping[str, str] = {
    "accounts": "A mail about an account",
    "bookings": "Something about lessons",
    "cache": "Word of an alert",
    "calendars": "A teacher's other calendar",
    "enrolment": "Something about courses",
    "events": "Word to other programs",
    "notifications": "Word to people of what happened",
    "payments": "A payment by card",
    "schedule": "Something about schedules",
    "webhooks": "Messages to other programs",
}


@pages.get("/admin/jobs")
def overview() -> str:
    """List what waits, what is under way and what was given up."""
    require_viewer(*STAFF)
    query: JobsQuery = from_address(JobsQuerySchema(), "state", "cursor")
    state = query.state or JobState.DEAD
    page = jobs_page(JobsQuery(state=state, limit=query.limit, after=query.after))
    return render_template(
        "operators/jobs.html",
        jobs=page["data"],
        next_cursor=page["next_cursor"],
        depth=page["depth"],
        is_late=inspection.is_late(),
        state=state,
        tabs=_TABS,
        about=lambda name: _ABOUT.get(name.partition(".")[0], "Work in the background"),
    )


@pages.form("/admin/jobs/<id:job_id>/retry", of="job_pages.overview")
def retry(job_id: int) -> Response:
    """Have a job that was given up tried again."""
    require_viewer(*STAFF)
    if inspection.retry(job_id):
        flash("It is tried again now.")
    else:
        flash("This has been tried again already, or is done.", "error")
    return go_back(url_for(".overview"))


@pages.form("/admin/jobs/<id:job_id>/forget", of="job_pages.overview")
def forget(job_id: int) -> Response:
    """Delete a job that was given up."""
    require_viewer(*STAFF)
    if inspection.forget(job_id):
        flash("It is forgotten, and is not done any more.")
    else:
        flash("This has been tried again already, or is forgotten.", "error")
    return go_back(url_for(".overview"))


@pages.form("/admin/jobs/retry-dead", of="job_pages.overview")
def retry_dead() -> Response:
    """Have all jobs that were given up tried again."""
    require_viewer(*STAFF)
    number = inspection.retry()
    flash(f"{number} {'task is' if number == 1 else 'tasks are'} tried again now.")
    return go_back(url_for(".overview"))
