"""The JSON API of availability.

The slots that come of it are in `bookings/api.py`.
"""

from __future__ import annotations

from flask import Response

from accounts.models import Role
from accounts.sign_in.identity import require_viewer, signed_in
from schedule import queries, service
from schedule.schemas import AvailabilitySchema
from schedule.times.rules import AvailabilityDocument
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now

schedule = ApiBlueprint("schedule", __name__, url_prefix="/api/teachers/me", description="When teachers can be booked")


@schedule.get("/availability")
@signed_in(Role.TEACHER)
@schedule.response(200, AvailabilitySchema)
def show_availability() -> Response:
    """Show one's own availability.

    Before the first change it is the defaults.
    """
    return json_response(queries.availability(require_viewer().id))


@schedule.put("/availability")
@signed_in(Role.TEACHER)
@schedule.arguments(AvailabilitySchema)
@schedule.response(200, AvailabilitySchema)
def replace_availability(document: AvailabilityDocument) -> Response:
    """Replace one's availability whole.

    Lessons that are booked stay as they are.
    """
    viewer = require_viewer()
    service.replace_availability(viewer.id, document, now=now())
    return json_response(queries.availability(viewer.id))
