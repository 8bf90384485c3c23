"""The JSON API of a bank's file."""

from __future__ import annotations

from flask import Response, request

from accounts.models import Role
from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from errors import Invalid, TooManyAttempts, UnsupportedMediaType
from payments.bank import service
from payments.bank.schemas import ImportQuerySchema, ImportResultSchema, shown
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.csv_files import TYPES
from web.ratelimits import count_file

blueprint = ApiBlueprint("bank", __name__, url_prefix="/api", description="A bank's file")

FORM = "multipart/form-data"
_BODY = {"text/csv": {"schema": {"type": "string"}}}


@blueprint.post("/payments/import")
@signed_in(Role.TEACHER, *STAFF)
@blueprint.arguments(ImportQuerySchema, location="query")
@blueprint.response(200, ImportResultSchema)
@blueprint.raises(TooManyAttempts)
@blueprint.doc(operationId="import_payments", requestBody={"required": True, "content": _BODY})
def import_payments(query: dict[str, str]) -> Response:
    """Match the lines of a bank's CSV with payments and packages that wait to be checked.

    What counts is reference and amount. The body is the file, of at most 1 MB and 2,000 lines, as the bank exports it.
    Nothing changes unless `apply` is true: then each payment that is matched is verified, and each package paid. The
    same file may be sent again.
    """
    viewer = require_viewer()
    content = _sent()
    count_file(viewer.id)
    outcomes = service.match(content, actor=viewer)
    if applied := query["apply"] == "true":
        service.apply(outcomes, actor=viewer, now=now())
    return json_response(shown(outcomes, applied=applied))


def _sent() -> bytes:
    """Return the file, which is the body or the only file of a form."""
    if request.mimetype == FORM:
        if len(request.files) != 1:
            raise Invalid({"file": ["Send one file."]})
        (file,) = request.files.values()
        return bytes(file.read())
    if request.mimetype not in TYPES:
        raise UnsupportedMediaType("Send the file as text/csv.")
    return request.get_data(cache=False)
