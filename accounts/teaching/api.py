"""The JSON API with which teachers ask for the school's approval."""

from __future__ import annotations

from flask import Response

from accounts.models import Role
from accounts.sign_in.identity import require_viewer, signed_in
from accounts.teaching import service
from accounts.teaching.queries import may_publish, standing
from accounts.teaching.schemas import AskToTeachSchema, OwnStandingSchema
from errors import TooManyAttempts, WrongState
from jsontext import JsonObject
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.ratelimits import count_asking_to_teach

blueprint = ApiBlueprint(
    "teaching", __name__, url_prefix="/api/users/me/teaching", description="Whether the school has approved a teacher"
)


@blueprint.get("")
@signed_in(Role.TEACHER)
@blueprint.response(200, OwnStandingSchema)
@blueprint.doc(operationId="show_own_teaching")
def show() -> Response:
    """Tell whether one may publish gigs."""
    return json_response(_shown(require_viewer().id))


@blueprint.post("")
@signed_in(Role.TEACHER)
@blueprint.arguments(AskToTeachSchema)
@blueprint.response(201, OwnStandingSchema)
@blueprint.raises(WrongState, TooManyAttempts)
@blueprint.doc(operationId="ask_to_teach")
def ask(body: dict[str, str]) -> Response:
    """Ask the school for its approval.

    Where only approved teachers publish gigs (`teaching-not-approved`), its office answers, and the teacher is told.
    """
    viewer = require_viewer()
    count_asking_to_teach(viewer.id)
    service.ask(viewer.id, body["message"], now=now())
    return json_response(_shown(viewer.id), 201)


def _shown(user_id: int) -> JsonObject:
    found: JsonObject = standing(user_id).json()
    return found | {"may_publish": may_publish(user_id)}
