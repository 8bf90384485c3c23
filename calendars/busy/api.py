"""The JSON API of busy calendars."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.models import Role
from accounts.sign_in.identity import require_viewer, signed_in
from calendars.busy import queries, service
from calendars.busy.schemas import BusyCalendarsSchema, FeedsSchema
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint(
    "busy", __name__, url_prefix="/api/teachers/me", description="Calendars that say when a teacher has no time"
)


@blueprint.get("/busy-calendars")
@signed_in(Role.TEACHER)
@blueprint.response(200, BusyCalendarsSchema)
def list_busy_calendars() -> Response:
    """List one's busy calendars, and how the last looks at them went."""
    return json_response(queries.calendars_of(require_viewer().id))


@blueprint.put("/busy-calendars")
@signed_in(Role.TEACHER)
@blueprint.arguments(FeedsSchema)
@blueprint.response(200, BusyCalendarsSchema)
def replace_busy_calendars(body: dict[str, Any]) -> Response:
    """Replace one's busy calendars as a whole.

    They are looked at at once, and every ten minutes from then on. What takes place in them is neither offered nor
    bookable; lessons that exist stay as they are.
    """
    viewer = require_viewer()
    service.replace_calendars(viewer.id, body["data"], now=now())
    return json_response(queries.calendars_of(viewer.id))
