"""Cached reads of what people have looked at and searched for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

import tags
from caching import BoundRead, cache, invalidation_check
from caching.reads import answer_together
from gigs.models import LISTED_CHARACTERS
from gigs.queries import gig, whole
from gigs.states import shown_to_others
from gigs.traces.models import GigView, RecentGig, Search
from jsontext import JsonObject

invalidation_check.watch(GigView, {tags.gig_views: ("gig_id",)})
invalidation_check.watch(RecentGig, {tags.user_traces: ("user_id",)})
invalidation_check.watch(Search, {tags.user_traces: ("user_id",)})


# Invalidated by: looking at a gig, and clearing the list.
@cache.stamped("recently-viewed", ttl=600, tag=tags.user_traces, by="user_id")
def recent_gigs(connection: Connection, user_id: int) -> list[JsonObject]:
    """List which gigs a person has looked at, the last one first.

    What they are like is read with each gig, because it changes without a look.
    """
    theirs = select(RecentGig.gig_id, RecentGig.seen_at).where(RecentGig.user_id == user_id)
    rows = connection.execute(theirs.order_by(RecentGig.seen_at.desc(), RecentGig.gig_id))
    return [dict(row._mapping) for row in rows]


# Invalidated by: a search, and deleting one or all of them.
@cache.stamped("search-history", ttl=600, tag=tags.user_traces, by="user_id")
def search_history(connection: Connection, user_id: int) -> JsonObject:
    """List what a person has searched for, the last one first."""
    columns: list[Any] = [Search.id, Search.words.label("q"), Search.searched_at]
    theirs = select(*columns).where(Search.user_id == user_id)
    rows = connection.execute(theirs.order_by(Search.searched_at.desc(), Search.id.desc()))
    return {"data": [dict(row._mapping) for row in rows], "next_cursor": None}


# Invalidated by: every first view of a person and a day.
@cache.stamped("gig-views", ttl=900, tag=tags.gig_views, by="gig_id")
def views_by_day(connection: Connection, gig_id: int, first: date, last: date) -> JsonObject:
    """Count how often a gig was looked at in these days, and by how many."""
    within = (GigView.gig_id == gig_id, GigView.day.between(first, last))
    days = select(GigView.day, func.count().label("views")).where(*within).group_by(GigView.day).order_by(GigView.day)
    rows = connection.execute(days).all()
    viewers = connection.scalar(select(func.count(GigView.viewer.distinct())).where(*within)) or 0
    return {"viewers": viewers, "by_day": {row.day.isoformat(): row.views for row in rows}}


def recently_viewed(read: BoundRead) -> JsonObject:
    """Show the gigs of a read of `recent_gigs` as they are now.

    Those that are not to be seen any more are left out. Gigs that are not in the cache are read together.
    """
    found = cache.look_up(read)[0].answer()
    seen = found.json()
    answers = answer_together(cache.look_up(*[gig.at(row["gig_id"]) for row in seen]), _gigs)
    shown = [
        _in_list(answer.json()) | {"seen_at": row["seen_at"]}
        for row, answer in zip(seen, answers, strict=True)
        if answer.json() and shown_to_others(answer.json()["status"], answer.json()["visibility"])
    ]
    cached = all(answer.state == "HIT" for answer in (found, *answers))
    return {"data": shown, "next_cursor": None, "cached": cached}


def _gigs(connection: Connection, reads: Sequence[BoundRead]) -> list[JsonObject | None]:
    """Load several reads of `gig` at once."""
    ids = [read.args[0] for read in reads]
    found = whole(connection, ids)
    return [found.get(gig_id) for gig_id in ids]


def _in_list(shown: JsonObject) -> JsonObject:
    listed = {name: value for name, value in shown.items() if name != "location"}
    return listed | {"description": shown["description"][:LISTED_CHARACTERS]}
