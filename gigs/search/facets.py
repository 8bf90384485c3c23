"""Count what a search has found: by subject, skill, price and rating.

Each count leaves its own filter out and applies all others, so that it says what choosing another value would show.
Some counts are kept (`kept_counts.py`), the others are made (`counting.py`), all of them in one statement.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select, union_all

from gigs.models import GigSkill
from gigs.queries import MOST_CATEGORIES
from gigs.search.bands import band_of
from gigs.search.counting import FACTS, Sums, counted_now, row
from gigs.search.counts import TOTAL
from gigs.search.filters import FACETS, GigsQuery
from gigs.search.kept_counts import beside_prices, kept_for, kept_rows
from gigs.search.plan import Plan
from gigs.search.sorting import BY_PRICE
from jsontext import JsonObject

MOST_SKILLS = 20
RATINGS = (5, 4, 3, 2, 1)
_MOST = {"category": MOST_CATEGORIES, "skill": MOST_SKILLS}


class Counted(NamedTuple):
    """What was counted, and the skills of the gigs of one page."""

    facets: JsonObject
    total: int
    skills: defaultdict[int, list[str]]


def count_found(connection: Connection, plan: Plan, shown: Collection[int]) -> Counted:
    """Count what a search has found, and read the skills of those that are `shown`."""
    kept = kept_for(plan.query)
    in_part = beside_prices(plan.query, kept)
    counts = [
        *(kept_rows(facet, where, None if facet in in_part else _MOST.get(facet)) for facet, where in kept.items()),
        *counted_now(plan, in_part, at_edges=True),
        *counted_now(plan, [facet for facet in (TOTAL, *FACETS) if facet not in kept]),
    ]
    sums = Sums()
    skills: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for kind, key, label, number in connection.execute(union_all(*counts, *_shown(shown))):
        if kind == "shown":
            skills[number].append((int(key), label))
        elif kind == FACTS:
            sums.add_facts(key, label)
        else:
            sums.add(kind, key, label, number)
    in_order = {gig_id: [skill for _, skill in sorted(placed)] for gig_id, placed in skills.items()}
    return Counted(_shown_facets(sums), sums.numbers[TOTAL][""], defaultdict(list, in_order))


def mixed_currencies(query: GigsQuery, prices: list[JsonObject]) -> list[str]:
    """Name the currencies where a search compares prices in several, the most frequent one first."""
    by_price = query.sort in BY_PRICE or query.min_hourly is not None or query.max_hourly is not None
    if query.currency or not by_price:
        return []
    counts = Counter[str]()
    for band in prices:
        counts[band["currency"]] += band["count"]
    return [code for code, _ in counts.most_common()] if len(counts) > 1 else []


def nothing_found() -> Counted:
    """Return the counts of a search that cannot find anything."""
    return Counted({name: [] for name in FACETS}, 0, defaultdict(list))


def _shown_facets(sums: Sums) -> JsonObject:
    """Return the facets as answers have them."""
    most = {name: sums.most(name, number) for name, number in _MOST.items()}
    facets = {name: [{"value": value, "count": count} for value, count in each] for name, each in most.items()}
    stars = {least: sum(n for key, n in sums.numbers["rating"].items() if int(key) >= least) for least in RATINGS}
    bands = sorted((key[11:], int(key[:10]), count) for key, count in sums.numbers["price"].items() if count)
    prices = [
        {"currency": currency, "from": low, "to": band_of(low)[1], "count": count} for currency, low, count in bands
    ]
    return facets | {
        "price": prices,
        "rating": [{"value": least, "count": count} for least, count in stars.items() if count],
    }


def _shown(gig_ids: Collection[int]) -> list[Select[Any]]:
    """Select the skills of some gigs, with their places."""
    if not gig_ids:
        return []
    skills = select(*row("shown", GigSkill.position, GigSkill.skill, GigSkill.gig_id))
    return [skills.where(GigSkill.gig_id.in_(gig_ids))]
