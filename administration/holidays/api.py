"""The JSON API of holidays."""

from __future__ import annotations

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import require_viewer, signed_in
from administration.holidays.schemas import HolidaysPageSchema, NewHolidayAnswerSchema, NewHolidaySchema
from bookings.many.closed_days import ids_during
from caching import BoundRead
from errors import NotFound, TooManyHolidays
from schedule.holidays import queries, service
from schedule.holidays.queries import closed_days
from schedule.holidays.service import Days
from web.answers import json_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint(
    "holidays", __name__, url_prefix="/api/admin", description="Days on which the school is closed"
)


@blueprint.cached_list("/holidays", None, HolidaysPageSchema, roles=STAFF)
def list_holidays() -> BoundRead:
    """List the school's holidays in order."""
    return queries.holidays.at()


@blueprint.post("/holidays")
@signed_in(*STAFF)
@blueprint.arguments(NewHolidaySchema)
@blueprint.response(201, NewHolidayAnswerSchema)
@blueprint.raises(TooManyHolidays)
@idempotent(lambda: require_viewer().id)
def create_holiday(days: Days) -> Response:
    """Close the school on some days: nothing is offered then, and nothing can be booked.

    Lessons that exist stay as they are; `outside` has the ids of those that the days overlap with.
    """
    made = queries.holiday(service.add_holiday(days))
    (closed,) = closed_days({"data": [made]})
    return json_response(made | {"outside": ids_during(closed.interval, now())}, 201)


@blueprint.delete("/holidays/<id:holiday_id>")
@signed_in(*STAFF)
@blueprint.response(204)
@blueprint.raises(NotFound)
def delete_holiday(holiday_id: int) -> Response:
    """Open the school again on these days."""
    service.remove_holiday(holiday_id)
    return Response(status=204)
