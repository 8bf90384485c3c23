"""The JSON API of proofs, which are files themselves."""

from __future__ import annotations

from flask import Response, request

from accounts.sign_in.identity import require_viewer, signed_in
from errors import Busy, NotFound, TooManyAttempts, TooManyProofs, UnsupportedMediaType, WrongState
from payments.proofs import queries, service
from payments.proofs.models import ProofType
from web.answers import attachment
from web.api import ApiBlueprint
from web.bodies import sent_file, takes_file
from web.clock import now
from web.ratelimits import count_file

blueprint = ApiBlueprint("proofs", __name__, url_prefix="/api", description="Proofs of payment")

_ANY_FILE = {"type": "string", "format": "binary"}
_FILE = {kind.value: {"schema": _ANY_FILE} for kind in ProofType}


@blueprint.put("/payments/<id:payment_id>/proof")
@signed_in()
@blueprint.response(204)
@blueprint.raises(Busy, NotFound, TooManyAttempts, TooManyProofs, WrongState)
@blueprint.doc(operationId="put_proof", requestBody={"required": True, "content": _FILE})
@takes_file
def put_proof(payment_id: int) -> None:
    """Hand in a proof of a payment that is not decided yet, as its student.

    The body is the file: a picture (PNG, JPEG or WebP) or a PDF of at most 5,000,000 bytes. It takes the place of the
    one before. Pictures are drawn anew, without metadata and with at most 4 million pixels, and an animation keeps its
    first.
    """
    viewer = require_viewer()
    try:
        announced = ProofType(request.mimetype)
    except ValueError:
        raise UnsupportedMediaType(f"Send one of these: {', '.join(ProofType)}.") from None
    count_file(viewer.id)
    service.keep(payment_id, sent_file(), announced, actor=viewer, now=now())


@blueprint.get("/payments/<id:payment_id>/proof")
@signed_in()
@blueprint.response(200, content_type="application/octet-stream")
@blueprint.raises(NotFound)
@blueprint.doc(operationId="show_proof", responses={"200": {"description": "The file.", "content": _FILE}})
def show_proof(payment_id: int) -> Response:
    """Download the proof of a payment, as one of its two people or an administrator."""
    proof = queries.proof(payment_id, require_viewer())
    return attachment(proof.content, proof.media_type, f"payment-{payment_id}.{proof.media_type.ending}")
