"""What the queries of lists of applications and assignments have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import post_load

from enrolment.rows import PlacesQuery
from web.pagination import PageQuery, position_for


class PlacesQuerySchema(PageQuery):
    """Which applications or assignments.

    A list adds `statuses` of its own, and `gig_id` where it is not about one gig.
    """

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> PlacesQuery:
        statuses = tuple(sorted(set(data["statuses"])))
        after = position_for(data["cursor"], "newest")
        return PlacesQuery(statuses=statuses, gig_id=data.get("gig_id"), limit=data["limit"], after=after)
