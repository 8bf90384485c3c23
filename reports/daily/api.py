"""The JSON API of a day."""

from __future__ import annotations

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from reports.daily.queries import day_of_school
from reports.daily.schemas import Asked, DailySchema, DayQuerySchema
from reports.periods import Period, days_of, today_in
from web.answers import list_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint("daily", __name__, url_prefix="/api/reports", description="What happened on a day")


@blueprint.get("/daily")
@signed_in(*STAFF)
@blueprint.arguments(DayQuerySchema, location="query")
@blueprint.response(200, DailySchema, cached=True)
def show_day(asked: Asked) -> Response:
    """Show what happened at the school on a day."""
    zone = asked.time_zone or require_viewer().time_zone
    return list_response(day_of_school(days_of(Period.DAY, asked.date or today_in(zone, now()), zone)))
