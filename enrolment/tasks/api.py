"""The JSON API of tasks, for their two people and administrators."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint, Plain
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from caching import Answer
from caching.envelope import digest
from enrolment.tasks import queries, service
from enrolment.tasks.models import NewTask, TaskChanges
from enrolment.tasks.queries import OVERDUE, TasksQuery
from enrolment.tasks.schemas import (
    ChangeTaskSchema,
    NewTaskSchema,
    NewTasksSchema,
    TaskSchema,
    TasksPageSchema,
    TasksQuerySchema,
)
from errors import Forbidden, NotFound, WrongState
from jsontext import JsonObject, dumps
from web.answers import existing, json_response, list_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint("tasks", __name__, url_prefix="/api", description="What teachers set their students")


@blueprint.cached_list("/tasks", TasksQuerySchema, TasksPageSchema, own=True)
def list_tasks(who: Who, query: TasksQuery) -> Plain:
    """List one's own tasks, as student or as teacher, those first that are due first."""
    return partial(_list_overdue if OVERDUE in query.statuses else _list, query)


@blueprint.post("/assignments/<id:assignment_id>/tasks")
@signed_in()
@blueprint.arguments(NewTaskSchema)
@blueprint.response(201, TaskSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
@idempotent(lambda: require_viewer().id)
def set_task(new: NewTask, assignment_id: int) -> Response:
    """Set one student a task."""
    task_id = service.set_task(assignment_id, new, actor=require_viewer(), now=now())
    return _answer(task_id, 201)


@blueprint.post("/gigs/<id:gig_id>/tasks")
@signed_in(Role.TEACHER)
@blueprint.arguments(NewTaskSchema)
@blueprint.response(201, NewTasksSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
@blueprint.doc(operationId="set_task_for_all")
@idempotent(lambda: require_viewer().id)
def set_for_all(new: NewTask, gig_id: int) -> Response:
    """Set all who have a place in a gig the same task: each gets one of their own."""
    at = now()
    ids = service.set_task_for_all(gig_id, new, actor=require_viewer(), now=at)
    return json_response({"data": [queries.marked(task, at) for task in queries.several(ids)]}, 201)


@blueprint.get("/tasks/<id:task_id>")
@signed_in()
@blueprint.response(200, TaskSchema)
@blueprint.raises(NotFound)
def show_task(task_id: int) -> Response:
    """Show a task."""
    return _answer(task_id)


@blueprint.patch("/tasks/<id:task_id>")
@signed_in()
@blueprint.arguments(ChangeTaskSchema)
@blueprint.response(200, TaskSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
def change_task(changes: TaskChanges, task_id: int) -> Response:
    """Change a task for which nothing was handed in yet."""
    service.change_task(task_id, changes, actor=require_viewer(), now=now())
    return _answer(task_id)


@blueprint.delete("/tasks/<id:task_id>")
@signed_in()
@blueprint.response(204)
@blueprint.raises(Forbidden, NotFound, WrongState)
def delete_task(task_id: int) -> Response:
    """Take a task back for which nothing was handed in yet."""
    service.delete_task(task_id, actor=require_viewer())
    return Response(status=204)


def _answer(task_id: int, status: int = 200) -> Response:
    _, (found,) = own_answers(lambda who: [queries.task_for(who.id, who.role, task_id)])
    return json_response(queries.marked(existing(found).json(), now()), status)


def _list(query: TasksQuery) -> Response:
    _, (answer,) = own_answers(lambda who: [queries.list_for(who.id, who.role, query)])
    return _send(answer.json(), answer)


def _list_overdue(query: TasksQuery) -> Response:
    viewer = require_viewer()
    return _send(queries.overdue_page(viewer.id, viewer.role, query, now()), None)


def _send(page: JsonObject, answer: Answer | None) -> Response:
    """Send a page with what depends on the time.

    What was cached does not say it.
    """
    at = now()
    body = dumps(page | {"data": [queries.marked(task, at) for task in page["data"]]})
    told = digest(body)
    return list_response(
        replace(answer, body=body, etag=told) if answer else Answer(body=body, etag=told, state="BYPASS")
    )
