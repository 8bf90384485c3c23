"""The public list of gigs: what a search answers, from the cache where it is fresh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, func, select

import tags
from caching import BoundRead, cache, warming
from gigs.dependents import present
from gigs.models import LISTED_CHARACTERS, Gig
from gigs.queries import IN_LISTS, categories, gig, show
from gigs.search.counts import TOTAL
from gigs.search.facets import count_found, nothing_found
from gigs.search.filters import GigsQuery
from gigs.search.highlights import highlights
from gigs.search.kept_counts import beside_prices, count_of, kept_for
from gigs.search.plan import Plan, plan_of
from gigs.search.terms import Terms
from jsontext import JsonObject
from web.pagination import DEFAULT_LIMIT, page


# Invalidated by: a published gig's changes, publishing, pausing, archiving; its teacher's name, role, leaving, rating,
# weekly hours.
@cache.stamped("gigs", ttl=300, tag=tags.public_gigs, shape=5)
def gigs_page(connection: Connection, query: GigsQuery) -> JsonObject:
    """List published public gigs, and count them by what they can be narrowed to.

    It takes a statement for the words, one for the page and one for all counts.
    """
    plan = plan_of(connection, query, present())
    rows = [] if plan.is_hopeless else plan.rows(connection, *_columns(plan), limit=query.limit + 1)
    ids = [row.id for row in rows[: query.limit]]
    counted = nothing_found() if plan.is_hopeless else count_found(connection, plan, ids)
    show_row = partial(_show_found, terms=plan.terms) if plan.has_words else show
    found = page(
        rows,
        limit=query.limit,
        order=query.sort,
        position=plan.place_in(),
        show=lambda row: show_row(row, counted.skills[row.id]),
    )
    return found | {"total": counted.total, "facets": counted.facets, "corrected": plan.terms.shown()}


# Invalidated by: the same.
@cache.stamped("gigs", ttl=300, tag=tags.public_gigs, shape=2)
def number_of_gigs(connection: Connection, query: GigsQuery) -> dict[str, int]:
    """Count what such a list has from its beginning."""
    plan = plan_of(connection, query, present())
    if plan.is_hopeless:
        return {"count": 0}
    kept = kept_for(query)
    if TOTAL in kept and TOTAL not in beside_prices(query, kept):
        return {"count": connection.scalar(count_of(kept[TOTAL])) or 0}
    every = plan.listed(Gig.id).order_by(None)
    return {"count": connection.scalar(select(func.count()).select_from(every.subquery())) or 0}


@warming.strategy("public gigs")
def _first_page(_limit: int) -> Iterator[BoundRead]:
    """Name the first page of the public list, and each gig in it."""
    first = gigs_page.at(GigsQuery(limit=DEFAULT_LIMIT))
    yield first
    yield categories.at()
    for shown in cache.look_up(first)[0].answer().json()["data"]:
        yield gig.at(shown["id"])


def _columns(plan: Plan) -> Sequence[Any]:
    """Return what the list reads of a gig: its whole description where that is looked into."""
    if not plan.has_words:
        return IN_LISTS
    return [*(column for column in IN_LISTS if column.key != "description"), Gig.description]


def _show_found(row: Row[Any], skills: list[str], *, terms: Terms) -> JsonObject:
    shown = show(row, skills)
    texts = {"title": row.title, "summary": row.summary, "category": row.category, "teacher": row.name}
    why = highlights(terms.required, texts, skills, row.description)
    return shown | {"description": row.description[:LISTED_CHARACTERS], "highlights": why}
