"""What the list of all gigs is asked for."""

from __future__ import annotations

from administration.desk.queries import AllGigsQuery, WhichGigs
from web.fields import Choice, Line, QueryId
from web.pagination import PageQuery


class AllGigsQuerySchema(PageQuery):
    """Which gigs, and whose."""

    MAKES = AllGigsQuery

    filter = Choice(WhichGigs, load_default=WhichGigs.ALL)
    q = Line(at_most=200, load_default=None)
    teacher_id = QueryId(load_default=None)
