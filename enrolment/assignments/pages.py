"""Pages of courses: those of a person, one of them with its tasks, and how it ends."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.sign_in.identity import own_answers, require_viewer
from enrolment.assignments import queries, service
from enrolment.assignments.models import Ending
from enrolment.assignments.queries import HistoryQuery
from enrolment.assignments.schemas import CourseEndSchema, HistoryQuerySchema
from enrolment.rows import PlacesQuery
from enrolment.statuses import AssignmentStatus
from enrolment.tasks import queries as tasks
from enrolment.tasks.queries import TasksQuery
from errors import Conflict
from web.answers import existing
from web.clock import now
from web.forms import from_address, from_form
from web.pages import PageBlueprint

pages = PageBlueprint("course_pages", __name__)

SHOWN = 100


@pages.get("/courses")
def mine() -> str:
    """List the courses of a student or a teacher, and what has ended."""
    asked: HistoryQuery = from_address(HistoryQuerySchema(), "cursor")
    active = PlacesQuery(statuses=(AssignmentStatus.ACTIVE,), limit=SHOWN)
    _, (running, history) = own_answers(
        lambda who: [queries.list_for(who.id, who.role, active), queries.work_history.at(who.id, who.role, asked)]
    )
    ended = history.json()
    return render_template(
        "courses/list.html",
        courses=[] if asked.after else running.json()["data"],
        ended=ended["data"],
        next_cursor=ended["next_cursor"],
    )


@pages.get("/courses/<id:assignment_id>")
def show(assignment_id: int) -> str:
    """Show a course with its tasks, and what is next."""
    query = TasksQuery(assignment_id=assignment_id, limit=SHOWN)
    viewer, (found, listed) = own_answers(
        lambda who: [queries.assignment_for(who.id, who.role, assignment_id), tasks.list_for(who.id, who.role, query)]
    )
    course = existing(found).json()
    at = now()
    return render_template(
        "courses/show.html",
        course=course,
        tasks=[tasks.marked(task, at) for task in listed.json()["data"]],
        is_teacher=viewer.id == course["teacher"]["id"],
    )


@pages.form("/courses/<id:assignment_id>/end", of="course_pages.show")
def end(assignment_id: int) -> Response:
    """Complete a course, or leave it."""
    ending: Ending = from_form(CourseEndSchema(), "status", "reason", "rating")
    try:
        service.end(assignment_id, ending, actor=require_viewer(), now=now())
    except Conflict as error:
        flash(error.detail, "error")
    else:
        flash("The course is over. Its place is free again.")
    return redirect(url_for(".show", assignment_id=assignment_id))
