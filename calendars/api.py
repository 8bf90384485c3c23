"""The JSON API of calendars: schedules, feeds, and files of single lessons."""

from __future__ import annotations

from functools import partial

from flask import Response, url_for

from accounts.models import Role
from accounts.queries import profile
from accounts.rights import runs_school
from accounts.sign_in.cached_lists import ListBlueprint, Plain
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from caching import cache
from calendars import queries
from calendars.feed import service
from calendars.feed.ical import MEDIA_TYPE
from calendars.schemas import TEXT, CalendarTokenSchema, FeedQuerySchema, ScheduleQuerySchema, ScheduleSchema
from errors import Forbidden, NotFound, TooManyAttempts
from schedule.models import Stretch
from web.answers import file_response, json_response, list_response, text_response
from web.clock import now
from web.ratelimits import count_wrong_address

calendars = ListBlueprint("calendars", __name__, url_prefix="/api", description="Lessons in calendars")


@calendars.cached_list(
    "/teachers/<id:teacher_id>/schedule", ScheduleQuerySchema, ScheduleSchema, own=True, raises=(Forbidden,)
)
def show_schedule(_who: Who, stretch: Stretch, teacher_id: int) -> Plain:
    """List a teacher's lessons in order, without declined and cancelled ones.

    It is for the teacher and administrators.
    """
    return partial(_show_schedule, stretch, teacher_id)


def _show_schedule(stretch: Stretch, teacher_id: int) -> Response:
    # Which read it is depends on the teacher's time zone.
    viewer, (answer,) = own_answers(lambda _: [profile.at(teacher_id)])
    teacher = answer.json()
    if teacher is None or teacher["role"] != Role.TEACHER:
        raise NotFound
    if viewer.id != teacher_id and not runs_school(viewer.role):
        raise Forbidden
    read = queries.lessons_between(teacher_id, Role.TEACHER, teacher["time_zone"], stretch, now())
    return list_response(cache.look_up(read)[0].answer())


@calendars.post("/users/me/calendar-token")
@signed_in()
@calendars.response(201, CalendarTokenSchema)
@calendars.doc(operationId="open_calendar_feed")
def open_feed() -> Response:
    """Make an address for one's own calendar feed.

    The one before, if there was one, is void at once. It is answered this once and kept as a hash alone, so a repeated
    request makes another one.
    """
    token = service.open_feed(require_viewer().id, now())
    return json_response({"token": token, "url": url_for(".show_feed", token=token, _external=True)}, 201)


@calendars.delete("/users/me/calendar-token")
@signed_in()
@calendars.response(204)
@calendars.doc(operationId="close_calendar_feed")
def close_feed() -> Response:
    """Make the address of one's own calendar feed void at once."""
    service.close_feed(require_viewer().id)
    return Response(status=204)


@calendars.get("/calendar.ics")
@calendars.arguments(FeedQuerySchema, location="query")
@calendars.response(200, TEXT, content_type=MEDIA_TYPE, cached=True)
@calendars.raises(NotFound, TooManyAttempts)
@calendars.doc(operationId="show_calendar_feed", security=[])
def show_feed(query: dict[str, str]) -> Response:
    """Show the lessons of the token's owner as an iCalendar file.

    Cancelled ones are included.
    """
    try:
        answer = queries.feed(query["token"], _lessons_url(), now())
    except NotFound:
        # A right one is looked for first: others at the same address may have tried many wrong ones.
        count_wrong_address()
        raise
    return text_response(answer, MEDIA_TYPE)


@calendars.get("/bookings/<id:booking_id>/calendar.ics")
@signed_in()
@calendars.response(200, TEXT, content_type=MEDIA_TYPE)
@calendars.doc(operationId="show_lesson_file")
def show_lesson(booking_id: int) -> Response:
    """Show one lesson as an iCalendar file."""
    viewer = require_viewer()
    text = queries.lesson_file(booking_id, viewer, viewer.time_zone, _lessons_url())
    return file_response(text, MEDIA_TYPE, f"lesson-{booking_id}.ics")


def _lessons_url() -> str:
    return url_for("booking_pages.mine", _external=True)
