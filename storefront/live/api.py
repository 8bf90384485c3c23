"""The question that an open page asks every few seconds: is anything new?"""

from __future__ import annotations

from flask import Response, request

from accounts.sign_in.identity import for_signed_in
from accounts.sign_in.page_version import own_version
from gigs.watched import of_gig, of_its_teacher
from storefront.live.schemas import ChangesQuerySchema, ChangesSchema, GigOnPage
from web.answers import VARY, json_response
from web.api import ApiBlueprint

live = ApiBlueprint("live", __name__, url_prefix="/api", description="Pages that follow what others change")


@live.get("/users/me/changes")
@for_signed_in
@live.arguments(ChangesQuerySchema, location="query")
@live.response(200, ChangesSchema)
@live.doc(operationId="look_for_changes")
def look_for_changes(gig: GigOnPage | None) -> Response:
    """Tell whether anything may have changed on the pages of the one who asks.

    On a gig's page, which names `gig` and `teacher`, that is also what everybody sees there. The version is the same,
    and the answer to its ETag a 304, as long as nothing has. It says no more than that.
    """
    more = [*of_gig(gig.gig_id), of_its_teacher(gig.teacher_id)] if gig else []
    version = own_version(*more)
    answer = json_response({"version": version})
    if version is not None:
        answer.headers.update({"Cache-Control": "private, no-cache", "Vary": VARY})
        answer.set_etag(version, weak=True)
        answer.make_conditional(request)
    return answer
