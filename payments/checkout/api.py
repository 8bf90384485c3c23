"""The JSON API of payments by card, and the address that the provider sends its notices to."""

from __future__ import annotations

from flask import Blueprint, Response, request

from accounts.models import Role
from accounts.sign_in.identity import require_viewer, signed_in
from errors import CheckoutOff, Forbidden, NotFound, Overpaid
from payments.checkout import queries, service
from payments.checkout.gateway import current
from payments.checkout.schemas import CheckoutSchema, NewCheckoutSchema
from payments.checkout.subjects import named
from payments.checkout.terms import NotSigned
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.idempotency import idempotent

blueprint = ApiBlueprint("checkouts", __name__, url_prefix="/api", description="Paying by card")
# The provider signs each request, so there is neither a sign-in nor a form's token.
webhook = Blueprint("checkout_notices", __name__)


@blueprint.post("/payments/checkout")
@signed_in(Role.STUDENT)
@blueprint.arguments(NewCheckoutSchema)
@blueprint.response(202, CheckoutSchema)
@blueprint.raises(CheckoutOff, Forbidden, NotFound, Overpaid)
@blueprint.doc(operationId="start_checkout")
@idempotent(lambda: require_viewer().id)
def start_checkout(body: dict[str, int | None]) -> Response:
    """Begin to pay by card what is open for a lesson, or a package, as its student.

    The page is opened in the background: ask for the checkout until it has a `url`.
    """
    viewer, at = require_viewer(), now()
    checkout_id = service.start(named(**body), actor=viewer, now=at)
    return json_response(queries.checkout(checkout_id, viewer, at), 202)


@blueprint.get("/payments/checkout/<id:checkout_id>")
@signed_in()
@blueprint.response(200, CheckoutSchema)
@blueprint.raises(NotFound)
def show_checkout(checkout_id: int) -> Response:
    """Show how a payment by card stands."""
    return json_response(queries.checkout(checkout_id, require_viewer(), now()))


@webhook.post("/webhooks/stripe")
def take_notice() -> Response:
    """Take a notice of the provider.

    It is answered with 204 once it is kept, or is about nothing of ours. The provider repeats what gets another answer.
    """
    at = now()
    try:
        notice = current().read(request.get_data(), request.headers.get("Stripe-Signature", ""), at)
    except NotSigned as error:
        return Response(f"{error}\n", 400, mimetype="text/plain")
    if notice is not None:
        service.receive(notice, now=at)
    return Response(status=204)
