"""The JSON API of people, for those who run the school.

The list itself is `/api/users`.
"""

from __future__ import annotations

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from administration.people import queries, service
from administration.people.schemas import (
    AccountSchema,
    DuplicatesSchema,
    PersonChangesSchema,
    PersonDetailSchema,
)
from administration.people.service import PersonChanges
from errors import LastAdministrator, NotFound
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint(
    "admin_people", __name__, url_prefix="/api/admin/people", description="People, for those who run the school"
)


@blueprint.get("/duplicates")
@signed_in(*STAFF)
@blueprint.response(200, DuplicatesSchema)
@blueprint.doc(operationId="list_possible_duplicates")
def list_duplicates() -> Response:
    """List accounts that may be one person's."""
    return json_response({"data": queries.possible_duplicates()})


@blueprint.get("/<id:user_id>")
@signed_in(*STAFF)
@blueprint.response(200, PersonDetailSchema)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="show_person")
def show(user_id: int) -> Response:
    """Show an account, and what the person has."""
    return json_response(queries.account(user_id) | queries.belongings(user_id))


@blueprint.patch("/<id:user_id>")
@signed_in(*STAFF)
@blueprint.arguments(PersonChangesSchema)
@blueprint.response(200, AccountSchema)
@blueprint.raises(NotFound, LastAdministrator)
@blueprint.doc(operationId="change_person")
def change(changes: PersonChanges, user_id: int) -> Response:
    """Give a person another role, close their account, or open it again.

    Only administrators give roles, and change the accounts of those who run the school.
    """
    service.change(user_id, changes, actor=require_viewer(), now=now())
    return json_response(queries.account(user_id))


@blueprint.post("/<id:user_id>/sign-out")
@signed_in(*STAFF)
@blueprint.response(204)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="sign_person_out")
def sign_out(user_id: int) -> None:
    """End all sign-ins of a person."""
    service.sign_out(user_id, actor=require_viewer(), now=now())


@blueprint.post("/<id:user_id>/password-reset")
@signed_in(*STAFF)
@blueprint.response(202)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="send_person_reset")
def send_reset(user_id: int) -> None:
    """Send a person the mail with which they choose a new password."""
    service.send_reset(user_id, actor=require_viewer())


@blueprint.delete("/<id:user_id>/two-factor")
@signed_in(*STAFF)
@blueprint.response(204)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="take_two_factor_off")
def take_two_factor_off(user_id: int) -> None:
    """Switch two-factor sign-in off for a person who has lost the app and the recovery codes.

    They are told by mail, and signed out everywhere. 404 if it is off. Nobody does it for themselves.
    """
    service.take_two_factor_off(user_id, actor=require_viewer(), now=now())
