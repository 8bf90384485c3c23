"""The JSON API of weekly series."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Response

from accounts.sign_in.identity import require_viewer, signed_in
from bookings.rules.agreement import StatusChange
from bookings.rules.limits import Limits
from bookings.series import rest
from bookings.series import service as series
from bookings.series.plan import Planned, preview
from bookings.series.queries import series_lessons
from bookings.series.rest import RestChange
from bookings.series.schemas import (
    BookedSeriesSchema,
    ChangedRestSchema,
    ChangedSeriesSchema,
    ChangeRestSchema,
    ChangeSeriesSchema,
    SeriesPreviewSchema,
    SeriesSchema,
)
from bookings.series.service import SeriesRequest
from errors import FeeChanged, NotFound, PriceChanged, SeriesConflict, TooManyOpen, WrongState
from jsontext import JsonObject
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.errors import in_short
from web.idempotency import idempotent
from web.settings import chosen

blueprint = ApiBlueprint("series", __name__, url_prefix="/api", description="The same lesson every week")


@blueprint.post("/bookings/series")
@signed_in()
@blueprint.arguments(SeriesSchema)
@blueprint.response(201, BookedSeriesSchema)
@blueprint.raises(NotFound, PriceChanged, SeriesConflict, TooManyOpen, WrongState)
@idempotent(lambda: require_viewer().id)
def book_series(wanted: SeriesRequest) -> Response:
    """Book a lesson every week, all of them or (`skip`) those that are free.

    Each is pending until it is answered.
    """
    booked = series.book_series(wanted, actor=require_viewer(), now=now(), limits=Limits.of(chosen()))
    skipped = [{"starts_at": lesson.starts_at, "reason": lesson.reason} for lesson in booked.skipped]
    shown = {"series_id": booked.series_id, "data": series_lessons(booked.series_id), "skipped": skipped}
    return json_response(shown, 201)


@blueprint.post("/bookings/series/preview")
@signed_in()
@blueprint.arguments(SeriesSchema)
@blueprint.response(200, SeriesPreviewSchema)
@blueprint.raises(NotFound, WrongState)
def preview_series(wanted: SeriesRequest) -> Response:
    """Show which lessons of a series can be booked now.

    Nothing is booked.
    """
    viewer = require_viewer()
    planned, place = preview(wanted.lesson, wanted.weeks, actor=viewer, now=now())
    zone = ZoneInfo(viewer.time_zone)
    shown = [_show(lesson, zone) for lesson in planned]
    return json_response({"data": shown, "time_zone": viewer.time_zone, "teacher_time_zone": place})


@blueprint.patch("/bookings/<id:booking_id>/series")
@signed_in()
@blueprint.arguments(ChangeSeriesSchema)
@blueprint.response(200, ChangedSeriesSchema)
@blueprint.raises(FeeChanged, WrongState)
def change_series(step: StatusChange, booking_id: int) -> Response:
    """Accept, reject or cancel this lesson of a series and all later ones.

    Those for which that is not possible stay as they are.
    """
    changed = series.change_later(booking_id, step, actor=require_viewer(), now=now())
    lessons = [lesson for lesson in series_lessons(changed.series_id) if lesson["id"] in changed.ids]
    return json_response({"series_id": changed.series_id, "data": lessons})


@blueprint.patch("/series/<id:series_id>")
@signed_in()
@blueprint.arguments(ChangeRestSchema)
@blueprint.response(200, ChangedRestSchema)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="change_rest_of_series")
def change_rest(wanted: RestChange, series_id: int) -> Response:
    """Move a lesson of a series and all later ones, or give them another status, each as if alone.

    The others are moved by as much of the clock as the first. Those that have been ended stay as they are.
    """
    viewer = require_viewer()
    outcomes = rest.change_rest(series_id, wanted, actor=viewer, now=now())
    shown = [{"id": outcome.booking_id} | in_short(outcome.error) for outcome in outcomes]
    asked = {outcome.booking_id for outcome in outcomes}
    lessons = [lesson for lesson in series_lessons(series_id) if lesson["id"] in asked]
    return json_response({"series_id": series_id, "results": shown, "data": lessons})


def _show(lesson: Planned, zone: ZoneInfo) -> JsonObject:
    return {
        "starts_at": lesson.starts_at,
        "ends_at": lesson.ends_at,
        "local": lesson.starts_at.astimezone(zone).isoformat(),
        "available": lesson.obstacle is None,
        "reason": lesson.reason,
    }
