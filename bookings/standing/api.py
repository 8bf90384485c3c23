"""The JSON API of standing wishes."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, require_viewer, signed_in
from bookings.standing import service
from bookings.standing.queries import wish, wishes
from bookings.standing.schemas import NewWishSchema, WishesSchema, WishSchema
from caching import BoundRead
from errors import NotFound, SlotFree, WaitlistFull, WrongState
from web.answers import json_response
from web.clock import now

blueprint = ListBlueprint("wishes", __name__, url_prefix="/api", description="Waiting for any time that suits")


@blueprint.cached_list("/wishes", None, WishesSchema, own=True, operation_id="list_wishes")
def list_wishes(who: Who) -> BoundRead:
    """List one's own wishes that wait."""
    return wishes.at(who.id)


@blueprint.post("/gigs/<id:gig_id>/waitlist")
@signed_in(Role.STUDENT)
@blueprint.arguments(NewWishSchema)
@blueprint.response(201, WishSchema)
@blueprint.raises(NotFound, SlotFree, WaitlistFull, WrongState)
@blueprint.doc(operationId="make_wish")
def make_wish(times: dict[str, Any], gig_id: int) -> Response:
    """Wait for any time of a gig on these days, between these times of one's own clock.

    The first one that becomes free is offered as a place of a waitlist, and ends the wish. A second wish for the same
    gig replaces the first one.
    """
    viewer = require_viewer()
    wish_id = service.wait(gig_id, times, actor=viewer, time_zone=viewer.time_zone, now=now())
    return json_response(wish(wish_id), 201)


@blueprint.delete("/wishes/<id:wish_id>")
@signed_in()
@blueprint.response(204)
@blueprint.raises(WrongState)
@blueprint.doc(operationId="leave_wish")
def leave_wish(wish_id: int) -> Response:
    """Wait no longer for times that suit."""
    service.leave(wish_id, actor=require_viewer())
    return Response(status=204)
