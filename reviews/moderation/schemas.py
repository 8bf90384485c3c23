"""What the list of all reviews is asked for."""

from __future__ import annotations

from reviews.moderation.queries import AllReviewsQuery, Which
from web.fields import Choice, QueryId
from web.pagination import PageQuery


class AllReviewsQuerySchema(PageQuery):
    """Which reviews, and whose."""

    MAKES = AllReviewsQuery

    filter = Choice(Which, load_default=Which.ALL)
    teacher_id = QueryId(load_default=None)
