"""The JSON API of a teacher's schedules.

The slots that come of them are in `bookings/api.py`.
"""

from __future__ import annotations

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Viewer, Who, require_viewer, signed_in
from caching import BoundRead
from errors import DefaultSchedule, ScheduleInUse, TooManySchedules
from jsontext import JsonObject
from schedule import outside, queries, service
from schedule.models import Hours
from schedule.schemas import (
    EditScheduleSchema,
    HoursSchema,
    NewScheduleSchema,
    OwnScheduleSchema,
    ReplacedAvailabilitySchema,
    ReplacedScheduleSchema,
    SchedulesPageSchema,
    ShownAvailabilitySchema,
)
from web.answers import json_response
from web.clock import now
from web.idempotency import idempotent

schedule = ListBlueprint("schedule", __name__, url_prefix="/api/teachers/me", description="When teachers can be booked")


@schedule.get("/availability")
@signed_in(Role.TEACHER)
@schedule.response(200, ShownAvailabilitySchema)
def show_availability() -> Response:
    """Show one's default schedule.

    At first `weekly` is empty: nothing is offered before the teacher has said when.
    """
    return json_response(queries.availability(require_viewer().id))


@schedule.put("/availability")
@signed_in(Role.TEACHER)
@schedule.arguments(HoursSchema)
@schedule.response(200, ReplacedAvailabilitySchema)
def replace_availability(hours: Hours) -> Response:
    """Replace one's default schedule as a whole.

    Lessons that exist stay as they are; `outside` has the ids of those to come that the new hours do not cover.
    """
    viewer = require_viewer()
    service.replace_schedule(viewer.id, None, hours, now=now())
    return json_response(queries.availability(viewer.id) | _outside(viewer, None))


@schedule.cached_list("/schedules", None, SchedulesPageSchema, own=True, roles=(Role.TEACHER,))
def list_schedules(who: Who) -> BoundRead:
    """List one's schedules.

    Gigs choose one of them by `schedule_id`; those that do not have the default one.
    """
    return queries.schedules.at(who.id)


@schedule.post("/schedules")
@signed_in(Role.TEACHER)
@schedule.arguments(NewScheduleSchema)
@schedule.response(201, OwnScheduleSchema)
@schedule.raises(TooManySchedules)
@idempotent(lambda: require_viewer().id)
def create_schedule(hours: Hours) -> Response:
    """Add a schedule."""
    viewer = require_viewer()
    schedule_id = service.create_schedule(viewer.id, hours, now=now())
    return json_response(queries.schedule(viewer.id, schedule_id), 201)


@schedule.get("/schedules/<id:schedule_id>")
@signed_in(Role.TEACHER)
@schedule.response(200, OwnScheduleSchema)
@schedule.doc(operationId="show_own_schedule")
def show_schedule(schedule_id: int) -> Response:
    """Show one of one's schedules."""
    return json_response(queries.schedule(require_viewer().id, schedule_id))


@schedule.put("/schedules/<id:schedule_id>")
@signed_in(Role.TEACHER)
@schedule.arguments(EditScheduleSchema)
@schedule.response(200, ReplacedScheduleSchema)
def replace_schedule(hours: Hours, schedule_id: int) -> Response:
    """Replace one of one's schedules as a whole.

    Lessons that exist stay as they are; `outside` has the ids of those to come that the new hours do not cover.
    """
    viewer = require_viewer()
    service.replace_schedule(viewer.id, schedule_id, hours, now=now())
    return json_response(queries.schedule(viewer.id, schedule_id) | _outside(viewer, schedule_id))


@schedule.delete("/schedules/<id:schedule_id>")
@signed_in(Role.TEACHER)
@schedule.response(204)
@schedule.raises(DefaultSchedule, ScheduleInUse)
def delete_schedule(schedule_id: int) -> Response:
    """Delete a schedule that no gig uses.

    The default one stays.
    """
    service.delete_schedule(require_viewer().id, schedule_id)
    return Response(status=204)


def _outside(viewer: Viewer, schedule_id: int | None) -> JsonObject:
    return {"outside": [lesson.id for lesson in outside.lessons_outside(viewer.id, schedule_id, now())]}
