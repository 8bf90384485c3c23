"""The JSON API of lessons that wait for the owner of the address that they were entered for."""

from __future__ import annotations

from flask import Response

from accounts.queries import confirmed_address
from accounts.sign_in.identity import require_viewer, signed_in
from bookings.entering import answers, queries
from bookings.entering.answers import Reply
from bookings.entering.schemas import AnswerSchema, InvitationsSchema
from errors import EmailUnconfirmed, NotFound, SlotTaken
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint(
    "invitations", __name__, url_prefix="/api/users/me/invitations", description="Lessons entered for one's address"
)


@blueprint.get("")
@signed_in()
@blueprint.response(200, InvitationsSchema)
@blueprint.raises(EmailUnconfirmed)
def list_invitations() -> Response:
    """List what teachers have entered for one's address, and wait for one's answer about."""
    return json_response({"data": queries.waiting_for(confirmed_address(require_viewer().id))})


@blueprint.post("/<id:invitation_id>")
@signed_in()
@blueprint.arguments(AnswerSchema)
@blueprint.response(204)
@blueprint.raises(EmailUnconfirmed, NotFound, SlotTaken)
def answer_invitation(body: dict[str, Reply], invitation_id: int) -> Response:
    """Say whether the lessons of one of them are one's own.

    With `yes` they are among one's lessons from then on, unless one overlaps with a lesson of one's own (`slot-taken`):
    `yes-where-free` cancels those that do. With `no` those to come are cancelled. The teacher learns nothing of one's
    account before a yes.
    """
    answers.answer(invitation_id, body["answer"], email=confirmed_address(require_viewer().id), now=now())
    return Response(status=204)
