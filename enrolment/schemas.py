"""What the queries of lists of applications and assignments have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import post_load

from enrolment.rows import PlacesQuery
from gigs.schemas import NARROWING, WordsQuery
from web.fields import QueryInstant
from web.pagination import position_for


class PlacesQuerySchema(WordsQuery):
    """Which applications or assignments, made at or after `from` and before `to`.

    A list adds `statuses` of its own, and `gig_id` where it is not about one gig.
    """

    start = QueryInstant(data_key="from", load_default=None)
    end = QueryInstant(data_key="to", load_default=None)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> PlacesQuery:
        statuses = tuple(sorted(set(data["statuses"])))
        given = {name: data[name] for name in (*NARROWING, "start", "end", "limit")}
        after = position_for(data["cursor"], "newest")
        return PlacesQuery(statuses=statuses, gig_id=data.get("gig_id"), after=after, **given)
