"""The JSON API of invitations by mail: for those who invite, and for those who accept."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from administration.invitations import queries, service
from administration.invitations.models import Newcomer, NewInvitation
from administration.invitations.queries import InvitationsQuery
from administration.invitations.schemas import (
    AcceptSchema,
    InvitationsPageSchema,
    InvitationsQuerySchema,
    NewInvitationSchema,
    SchoolInvitationSchema,
)
from errors import AlreadyInvited, EmailTaken, LinkExpired, NotFound, TooManyAttempts
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.idempotency import idempotent
from web.ratelimits import count_school_invitation, wrong_tokens_counted

blueprint = ApiBlueprint(
    "admin_invitations", __name__, url_prefix="/api/admin/invitations", description="Invitations to open an account"
)
joining = ApiBlueprint("joining", __name__, url_prefix="/api/auth", description="Accounts by invitation")


@blueprint.get("")
@signed_in(*STAFF)
@blueprint.arguments(InvitationsQuerySchema, location="query")
@blueprint.response(200, InvitationsPageSchema)
@blueprint.doc(operationId="list_school_invitations")
def list_invitations(query: InvitationsQuery) -> Response:
    """List the invitations that nobody has accepted yet."""
    return json_response(queries.invitations_page(query, now()) | {"cached": False})


@blueprint.post("")
@signed_in(*STAFF)
@blueprint.arguments(NewInvitationSchema)
@blueprint.response(201, SchoolInvitationSchema)
@blueprint.raises(EmailTaken, AlreadyInvited, TooManyAttempts)
@idempotent(lambda: require_viewer().id)
def invite_person(new: NewInvitation) -> Response:
    """Invite somebody by mail to open an account.

    The link in the mail counts for seven days, once, also where nobody registers by themselves. Only administrators
    invite those who will run the school.
    """
    viewer = require_viewer()
    count_school_invitation(viewer.id, service.require_open(new, actor=viewer))
    made = service.invite(new, actor=viewer, now=now())
    return json_response(queries.invitation(made, now()), 201)


@blueprint.post("/<id:invitation_id>/resend")
@signed_in(*STAFF)
@blueprint.response(200, SchoolInvitationSchema)
@blueprint.raises(NotFound, TooManyAttempts)
@blueprint.doc(operationId="resend_school_invitation")
def resend(invitation_id: int) -> Response:
    """Send an invitation again, with a new link that counts for seven days.

    The one before counts no more.
    """
    viewer = require_viewer()
    count_school_invitation(viewer.id, service.address_of(invitation_id, actor=viewer))
    service.send_again(invitation_id, actor=viewer, now=now())
    return json_response(queries.invitation(invitation_id, now()))


@blueprint.delete("/<id:invitation_id>")
@signed_in(*STAFF)
@blueprint.response(204)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="withdraw_school_invitation")
def withdraw(invitation_id: int) -> None:
    """Take an invitation back: its link counts no more."""
    service.withdraw(invitation_id, actor=require_viewer())


@joining.post("/accept-invitation")
@joining.arguments(AcceptSchema)
@joining.response(204)
@joining.raises(LinkExpired, EmailTaken, TooManyAttempts)
def accept_invitation(body: dict[str, Any]) -> Response:
    """Open an account with the token of an invitation, which is used up.

    The address counts as confirmed. `POST /api/auth/login` signs in.
    """
    entered = {name: body[name] for name in ("name", "password", "time_zone")}
    with wrong_tokens_counted():
        service.accept(body["token"], Newcomer(**entered), now=now())
    return Response(status=204)
