"""The JSON API of two-factor sign-in."""

from __future__ import annotations

from flask import Response

from accounts.schemas import CurrentPasswordSchema
from accounts.sign_in.identity import require_viewer, signed_in
from accounts.sign_in.second_factor import open_without_second_factor
from accounts.two_factor import codes, queries, service
from accounts.two_factor.schemas import (
    CodeSchema,
    ProofSchema,
    RecoveryCodesSchema,
    SetupSchema,
    StateSchema,
)
from errors import TooManyAttempts, TwoFactorState, WrongCode, WrongCredentials
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.ratelimits import count_code

blueprint = ApiBlueprint(
    "two_factor", __name__, url_prefix="/api/users/me/two-factor", description="Two-factor sign-in: a code of an app"
)
open_without_second_factor(blueprint)


@blueprint.get("")
@signed_in()
@blueprint.response(200, StateSchema)
def show_two_factor() -> Response:
    """Tell whether two-factor sign-in is on for one's own account."""
    return json_response(queries.state(require_viewer().id, now()).shown())


@blueprint.post("")
@signed_in()
@blueprint.arguments(CurrentPasswordSchema)
@blueprint.response(201, SetupSchema)
@blueprint.raises(WrongCredentials, TwoFactorState, TooManyAttempts)
@blueprint.doc(operationId="begin_two_factor")
def begin(body: dict[str, str]) -> Response:
    """Make a key for one's own app.

    Within 30 minutes a code from it switches two-factor sign-in on.
    """
    setup = service.begin_setup(require_viewer().credentials, body["current_password"], now=now())
    uri = codes.address_for_apps(setup.secret, account=setup.account, issuer=codes.ISSUER)
    return json_response({"secret": setup.secret, "uri": uri}, 201)


@blueprint.post("/confirm")
@signed_in()
@blueprint.arguments(CodeSchema)
@blueprint.response(200, RecoveryCodesSchema)
@blueprint.raises(WrongCode, TwoFactorState, TooManyAttempts)
@blueprint.doc(operationId="confirm_two_factor")
def confirm(body: dict[str, str]) -> Response:
    """Switch two-factor sign-in on with a code of the app.

    All other sign-ins of the account end. The codes for recovery are shown this once; each works once.
    """
    viewer = require_viewer()
    count_code(viewer.id)
    return json_response({"recovery_codes": service.confirm(viewer.credentials, body["code"], now=now())})


@blueprint.post("/recovery-codes")
@signed_in()
@blueprint.arguments(ProofSchema)
@blueprint.response(200, RecoveryCodesSchema)
@blueprint.raises(WrongCredentials, WrongCode, TwoFactorState, TooManyAttempts)
@blueprint.doc(operationId="renew_recovery_codes")
def renew_recovery_codes(body: dict[str, str]) -> Response:
    """Make new codes for recovery.

    Those before count no more.
    """
    viewer = require_viewer()
    count_code(viewer.id)
    made = service.renew_recovery_codes(viewer.credentials, body["current_password"], body["code"], now=now())
    return json_response({"recovery_codes": made})


@blueprint.post("/off")
@signed_in()
@blueprint.arguments(ProofSchema)
@blueprint.response(204)
@blueprint.raises(WrongCredentials, WrongCode, TwoFactorState, TooManyAttempts)
@blueprint.doc(operationId="turn_two_factor_off")
def turn_off(body: dict[str, str]) -> Response:
    """Switch two-factor sign-in off."""
    viewer = require_viewer()
    count_code(viewer.id)
    service.turn_off(viewer.credentials, body["current_password"], body["code"], now=now())
    return Response(status=204)
