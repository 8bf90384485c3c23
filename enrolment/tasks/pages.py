"""Pages of tasks: what is due, one task with all its versions, setting and changing one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import Viewer, own_answers, require_viewer
from enrolment.assignments import queries as assignments
from enrolment.forms import HandInForm, ReviewForm, TaskForm
from enrolment.statuses import AssignmentStatus, TaskStatus
from enrolment.submissions import queries as submissions
from enrolment.submissions import service as handing_in
from enrolment.submissions.queries import SubmissionsQuery
from enrolment.tasks import queries, service
from enrolment.tasks.models import TaskChanges
from enrolment.tasks.queries import LATEST_FIRST, SHOWN, TO_BE_DONE, TO_BE_REVIEWED, TasksQuery
from errors import Conflict, Forbidden, Invalid, NotFound
from gigs.queries import gig
from jsontext import JsonObject
from web.answers import existing
from web.clock import now
from web.pages import Page, PageBlueprint, refused

pages = PageBlueprint("task_pages", __name__)

_DONE = TasksQuery(statuses=(TaskStatus.APPROVED,), order=LATEST_FIRST)


@pages.get("/tasks")
def mine() -> str:
    """List what is to be done, what is handed in, and what is done."""
    _, answers = own_answers(
        lambda who: [queries.list_for(who.id, who.role, query) for query in (TO_BE_DONE, TO_BE_REVIEWED, _DONE)]
    )
    at = now()
    to_do, to_review, done = ([queries.marked(task, at) for task in it.json()["data"]] for it in answers)
    return render_template("courses/tasks.html", to_do=to_do, to_review=to_review, done=done)


@pages.get("/tasks/<id:task_id>")
def show(task_id: int) -> str:
    """Show a task with all versions that were handed in."""
    return _page(task_id)


@pages.get("/courses/<id:assignment_id>/tasks")
def new(assignment_id: int) -> str:
    """Ask what a student is to do."""
    return _new_page(_course(assignment_id), TaskForm(formdata=None))


@pages.post("/courses/<id:assignment_id>/tasks")
def set_task(assignment_id: int) -> Page:
    """Set one student a task."""
    viewer, course, form = require_viewer(), _course(assignment_id), TaskForm()
    form.zone = viewer.time_zone
    if form.validate():
        try:
            service.set_task(assignment_id, form.loaded, actor=viewer, now=now())
        except (Conflict, Invalid) as error:
            _refuse(form, error)
        else:
            flash("The task is set. Your student is told.")
            return redirect(url_for("course_pages.show", assignment_id=assignment_id))
    return refused(_new_page(course, form))


@pages.get("/gigs/<id:gig_id>/tasks")
def new_for_all(gig_id: int) -> str:
    """Ask what all students of a gig are to do."""
    return render_template("courses/task_form.html", gig=_own_gig(gig_id), form=TaskForm(formdata=None), course=None)


@pages.post("/gigs/<id:gig_id>/tasks")
def set_for_all(gig_id: int) -> Page:
    """Set all students of a gig the same task."""
    shown, viewer, form = _own_gig(gig_id), require_viewer(), TaskForm()
    form.zone = viewer.time_zone
    if form.validate():
        try:
            ids = service.set_task_for_all(gig_id, form.loaded, actor=viewer, now=now())
        except (Conflict, Invalid) as error:
            _refuse(form, error)
        else:
            flash(f"The task is set for {len(ids)} student{'s' if len(ids) != 1 else ''}. They are told.")
            return redirect(url_for("course_pages.mine"))
    return refused(render_template("courses/task_form.html", gig=shown, form=form, course=None))


@pages.form("/tasks/<id:task_id>/change", of="task_pages.show")
def change(task_id: int) -> Page:
    """Change a task for which nothing was handed in yet."""
    viewer, form = require_viewer(), TaskForm()
    form.zone = viewer.time_zone
    if form.validate():
        new = form.loaded
        values = {"title": new.title, "instructions": new.instructions, "due_at": new.due_at}
        try:
            service.change_task(task_id, TaskChanges(values), actor=viewer, now=now())
        except (Conflict, Invalid) as error:
            _refuse(form, error)
        else:
            flash("The task is changed.")
            return redirect(url_for(".show", task_id=task_id))
    return refused(_page(task_id, task_form=form))


@pages.form("/tasks/<id:task_id>/delete", of="task_pages.show")
def delete(task_id: int) -> Response:
    """Take a task back."""
    viewer = require_viewer()
    _, (found,) = own_answers(lambda who: [queries.task_for(who.id, who.role, task_id)])
    task = existing(found).json()
    try:
        service.delete_task(task_id, actor=viewer)
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for(".show", task_id=task_id))
    flash("The task is gone.")
    return redirect(url_for("course_pages.show", assignment_id=task["assignment"]["id"]))


@pages.form("/tasks/<id:task_id>/submissions", of="task_pages.show")
def hand_in(task_id: int) -> Page:
    """Hand something in."""
    form = HandInForm()
    if form.validate():
        try:
            handing_in.hand_in(task_id, form.loaded, actor=require_viewer(), now=now())
        except Conflict as error:
            _refuse(form, error)
        else:
            flash("It is handed in. Your teacher is told.")
            return redirect(url_for(".show", task_id=task_id))
    return refused(_page(task_id, hand_in_form=form))


@pages.form("/tasks/<id:task_id>/submissions/<id:submission_id>/review", of="task_pages.show")
def review(task_id: int, submission_id: int) -> Page:
    """Say what is thought of a version."""
    form = ReviewForm()
    if form.validate():
        try:
            handing_in.review(submission_id, form.loaded, actor=require_viewer(), now=now())
        except Conflict as error:
            _refuse(form, error)
        else:
            flash("Your feedback is sent.")
            return redirect(url_for(".show", task_id=task_id))
    return refused(_page(task_id, review_form=form))


def _refuse(form: TaskForm | HandInForm | ReviewForm, error: Conflict | Invalid) -> None:
    if isinstance(error, Invalid):
        form.refuse(error.errors)
    else:
        form.form_errors.append(error.detail)


def _course(assignment_id: int) -> JsonObject:
    """Return a course for its teacher."""
    viewer, (found,) = own_answers(lambda who: [assignments.assignment_for(who.id, who.role, assignment_id)])
    course: JsonObject = existing(found).json()
    if viewer.id != course["teacher"]["id"]:
        raise Forbidden("Only the teacher sets tasks.")
    return course


def _own_gig(gig_id: int) -> JsonObject:
    viewer = require_viewer(Role.TEACHER)
    shown: JsonObject | None = gig(gig_id).json()
    if shown is None or shown["teacher"]["id"] != viewer.id:
        raise NotFound
    return shown


def _new_page(course: JsonObject, form: TaskForm) -> str:
    return render_template("courses/task_form.html", course=course, gig=course["gig"], form=form)


def _page(
    task_id: int,
    *,
    task_form: TaskForm | None = None,
    hand_in_form: HandInForm | None = None,
    review_form: ReviewForm | None = None,
) -> str:
    """Render the page, with a form that may have been refused."""
    asked = SubmissionsQuery(limit=SHOWN)
    viewer, (found, listed) = own_answers(
        lambda who: [
            queries.task_for(who.id, who.role, task_id),
            submissions.versions_for(who.id, who.role, task_id, asked),
        ]
    )
    task = queries.marked(existing(found).json(), now())
    running = task["assignment"]["status"] == AssignmentStatus.ACTIVE
    return render_template(
        "courses/task.html",
        task=task,
        versions=listed.json()["data"],
        is_teacher=viewer.id == task["teacher"]["id"],
        may_hand_in=running and viewer.id == task["student"]["id"] and task["status"] != TaskStatus.APPROVED,
        may_review=running and viewer.id == task["teacher"]["id"] and task["status"] == TaskStatus.SUBMITTED,
        may_change=running and viewer.id == task["teacher"]["id"] and not task["versions"],
        task_form=task_form or _filled(task, viewer),
        hand_in_form=hand_in_form or HandInForm(formdata=None),
        review_form=review_form or ReviewForm(formdata=None),
    )


def _filled(task: JsonObject, viewer: Viewer) -> TaskForm:
    """Fill the form in, by the reader's clock."""
    given = {"title": task["title"], "instructions": task["instructions"]}
    form = TaskForm(formdata=None, data=given)
    if task["due_at"]:
        there = datetime.fromisoformat(task["due_at"]).astimezone(ZoneInfo(viewer.time_zone))
        form.day.data, form.time.data = there.date(), there.time()
    return form
