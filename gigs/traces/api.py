"""The JSON API of what people have looked at and searched for."""

from __future__ import annotations

from flask import Response

from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, require_viewer, signed_in
from caching import BoundRead
from errors import NotFound
from gigs.traces import service
from gigs.traces.queries import recent_gigs, recently_viewed, search_history
from gigs.traces.schemas import SearchesPageSchema, SeenGigsPageSchema
from web.answers import json_response

blueprint = ListBlueprint("traces", __name__, url_prefix="/api/gigs", description="What one has looked at")


@blueprint.get("/recently-viewed")
@signed_in()
@blueprint.response(200, SeenGigsPageSchema)
def list_recently_viewed() -> Response:
    """List the last 50 gigs that one has looked at, each once, the last one first."""
    return json_response(recently_viewed(recent_gigs.at(require_viewer().id)))


@blueprint.delete("/recently-viewed")
@signed_in()
@blueprint.response(204)
def clear_recently_viewed() -> Response:
    """Forget which gigs one has looked at."""
    service.forget_views(require_viewer().id)
    return Response(status=204)


@blueprint.cached_list("/search-history", None, SearchesPageSchema, own=True)
def list_search_history(who: Who) -> BoundRead:
    """List one's last 50 searches, each once, the last one first."""
    return search_history.at(who.id)


@blueprint.delete("/search-history")
@signed_in()
@blueprint.response(204)
def clear_search_history() -> Response:
    """Forget all that one has searched for."""
    service.forget_searches(require_viewer().id)
    return Response(status=204)


@blueprint.delete("/search-history/<id:search_id>")
@signed_in()
@blueprint.response(204)
@blueprint.raises(NotFound)
def delete_search(search_id: int) -> Response:
    """Forget one search."""
    service.forget_search(require_viewer().id, search_id)
    return Response(status=204)
