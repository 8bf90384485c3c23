"""The JSON API of many bookings at once."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.sign_in.identity import require_viewer, signed_in
from bookings.many import moving, service
from bookings.many.moving import ManyMoves
from bookings.many.schemas import ChangeManySchema, ResultsSchema
from bookings.many.service import ManyChanges
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.errors import in_short

blueprint = ApiBlueprint("many", __name__, url_prefix="/api", description="One change for many lessons")


@blueprint.patch("/bookings")
@signed_in()
@blueprint.arguments(ChangeManySchema)
@blueprint.response(200, ResultsSchema)
def change_bookings(wanted: ManyChanges | ManyMoves) -> Response:
    """Give up to 100 bookings another status or other times, each as if alone.

    An id that is named twice counts once. Sent again, what was changed already is refused with 409. `moves` move, or
    ask for that, as `starts_at` of one booking does.
    """
    act: Any = moving.move_all if isinstance(wanted, ManyMoves) else service.change_all
    outcomes = act(wanted, actor=require_viewer(), now=now())
    return json_response({"results": [{"id": each.booking_id} | in_short(each.error) for each in outcomes]})
