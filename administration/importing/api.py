"""The JSON API of lists that are imported."""

from __future__ import annotations

from flask import Response, request

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from administration.importing import service
from administration.importing.schemas import ImportListQuerySchema, ImportOutcomeSchema, shown
from administration.importing.service import What
from errors import EmailTaken, Forbidden, TooManyAttempts, UnsupportedMediaType
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.csv_files import TYPES
from web.ratelimits import count_import

blueprint = ApiBlueprint("importing", __name__, url_prefix="/api/admin/import", description="Lists from elsewhere")

_BODY = {"text/csv": {"schema": {"type": "string"}}}


@blueprint.post("/people")
@signed_in(*STAFF)
@blueprint.arguments(ImportListQuerySchema, location="query")
@blueprint.response(200, ImportOutcomeSchema)
@blueprint.raises(EmailTaken, TooManyAttempts)
@blueprint.doc(operationId="import_people", requestBody={"required": True, "content": _BODY})
def import_people(query: dict[str, str]) -> Response:
    """Import people from a CSV file.

    It has the columns `name`, `email`, and if need be `role` and `time_zone`. Nothing changes unless `apply` is
    true, and then only if no line is wrong. Who has an account keeps it as it is.
    """
    return _answer(What.PEOPLE, query)


@blueprint.post("/gigs")
@signed_in(*STAFF)
@blueprint.arguments(ImportListQuerySchema(exclude=("invite",)), location="query")
@blueprint.response(200, ImportOutcomeSchema)
@blueprint.raises(Forbidden, TooManyAttempts)
@blueprint.doc(operationId="import_gigs", requestBody={"required": True, "content": _BODY})
def import_gigs(query: dict[str, str]) -> Response:
    """Import gigs from a CSV file, as drafts of their teachers.

    It has the columns `teacher_email` and those of a gig's fields, with `price` or `price_cents`. Nothing changes
    unless `apply` is true, and then only if no line is wrong. A gig that its teacher has already stays as it is.
    """
    return _answer(What.GIGS, query)


def _answer(what: What, query: dict[str, str]) -> Response:
    if request.mimetype not in TYPES:
        raise UnsupportedMediaType("Send the file as text/csv.")
    count_import(require_viewer().id)
    content, invite = request.get_data(cache=False), query.get("invite") == "true"
    outcome = service.run(what, content, apply=query["apply"] == "true", invite=invite, now=now())
    return json_response(shown(outcome))
