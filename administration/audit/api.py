"""The JSON API of the audit log."""

from __future__ import annotations

from flask import Response

from accounts.rights import Right, holders
from accounts.sign_in.identity import signed_in
from administration.audit.queries import AuditQuery, audit_page
from administration.audit.schemas import AuditPageSchema, AuditQuerySchema
from administration.audit.watching import watch
from web.answers import json_response
from web.api import ApiBlueprint

blueprint = ApiBlueprint("audit", __name__, url_prefix="/api/admin", description="What those who run the school did")
watch(blueprint)


@blueprint.get("/audit")
@signed_in(*holders(Right.AUDIT))
@blueprint.arguments(AuditQuerySchema, location="query")
@blueprint.response(200, AuditPageSchema)
@blueprint.doc(operationId="list_audit")
def list_audit(query: AuditQuery) -> Response:
    """List what the office, administrators and operators did, and what private things they looked at."""
    return json_response({**audit_page(query), "cached": False})
