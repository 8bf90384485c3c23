"""The JSON API of how a teacher wants to be paid."""

from __future__ import annotations

from flask import Response

from accounts.models import Role
from accounts.sign_in.identity import require_viewer, signed_in
from errors import NotFound
from payments.instructions import queries, service
from payments.instructions.models import Instructions
from payments.instructions.schemas import InstructionsSchema
from web.answers import detail_response, json_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint("paying", __name__, url_prefix="/api/teachers", description="How teachers want to be paid")


@blueprint.get("/<id:user_id>/payment-instructions")
@signed_in()
@blueprint.response(200, InstructionsSchema, cached=True)
@blueprint.raises(NotFound)
def show_payment_instructions(user_id: int) -> Response:
    """Show how a teacher wants to be paid.

    Only the teacher, administrators and students who have a booking or a package with the teacher can see it.
    """
    queries.require_reader(user_id, require_viewer())
    return detail_response(queries.instructions(user_id))


@blueprint.put("/me/payment-instructions")
@signed_in(Role.TEACHER)
@blueprint.arguments(InstructionsSchema)
@blueprint.response(200, InstructionsSchema)
def set_payment_instructions(new: Instructions) -> Response:
    """Say how one wants to be paid, as a whole.

    The checksum of the IBAN is looked at. Students who have a booking or a package with the teacher can see all of it.
    """
    viewer = require_viewer()
    service.say_how_to_pay(viewer.id, new, now=now())
    return json_response(queries.instructions(viewer.id).json())
