"""The JSON API of the mails that were sent, for those who run the school."""

from __future__ import annotations

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import signed_in
from mail.queries import MailsQuery, mails_page
from operators.mail.schemas import MailsPageSchema, MailsQuerySchema
from web.answers import json_response
from web.api import ApiBlueprint

blueprint = ApiBlueprint("mails", __name__, url_prefix="/api/admin/mail", description="Mails that were sent")


@blueprint.get("")
@signed_in(*STAFF)
@blueprint.arguments(MailsQuerySchema, location="query")
@blueprint.response(200, MailsPageSchema)
@blueprint.doc(operationId="list_mails")
def list_mails(query: MailsQuery) -> Response:
    """List the newest 1,000 mails: to whom, about what, and what became of them."""
    return json_response(mails_page(query) | {"cached": False})
