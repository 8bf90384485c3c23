"""Count gigs by what each of them is counted as, where no count is kept.

`counted_gigs` has all that is needed in one short row for each gig of the public list. Where one facet is counted, an
index of it has the values. Where several are, or skills, the database puts the facts of all gigs one behind the other,
and they are counted here: that takes half the time of a `GROUP BY` for each facet.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, case, cast, func, literal, or_, select

from gigs.models import Gig
from gigs.search.as_counted import AS_COUNTED, in_band
from gigs.search.bands import divided
from gigs.search.counts import TOTAL
from gigs.search.filters import FACETS, GigsQuery, narrowing, needs_price, offers
from gigs.search.matching import led_by_words, matches
from gigs.search.models import NOT_LISTED, CountedGig
from gigs.search.plan import Plan

# Between two facts, of one gig or of two. In a JSON text quotes are escaped, so that no name can have it.
_BETWEEN = '"], ["'
# What a row with many facts is called, beside rows with one number.
FACTS = "facts"


class Sums:
    """Numbers of gigs by facet and key, and how each key is written: of several ways the first one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.numbers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.labels: dict[tuple[str, str], str] = {}

    def add(self, facet: str, key: str, label: str, number: int) -> None:
        """Add a number of gigs."""
        self.numbers[facet][key] += number
        self.labels[facet, key] = min(label, self.labels.get((facet, key), label))

    def add_facts(self, facets: Collection[str], facts: str, gigs: int) -> None:
        """Add what these facets have among the facts of some gigs."""
        if TOTAL in facets:
            self.add(TOTAL, "", "", gigs)
        for written, number in Counter(facts.split(_BETWEEN)).items() if facts else ():
            facet, key, label = json.loads(f'["{written}"]')
            if facet in facets:
                self.add(facet, key, label, number)

    def most(self, facet: str, most: int | None = None) -> list[tuple[str, int]]:
        """Return the values that most gigs have, as they are written, with their numbers."""
        there = [(key, number) for key, number in self.numbers[facet].items() if number]
        chosen = sorted(there, key=lambda each: (-each[1], each[0]))[:most]
        named = [(self.labels[facet, key], number) for key, number in chosen]
        return sorted(named, key=lambda each: (-each[1], each[0].casefold()))


def counted_now(plan: Plan, facets: Collection[str], *, at_edges: bool = False) -> Iterator[Select[Any]]:
    """Select what these counts need, each without its own filter.

    With `at_edges` only gigs in bands of prices that a filter divides.
    """
    given = narrowing(plan.query).keys()
    alike = defaultdict(list)
    for facet in facets:
        alike[frozenset(given - {facet})].append(facet)
    if plan.has_words and alike:
        yield from _beside_words(plan, alike)
        return
    for others, counted in alike.items():
        where = _found(plan, others, at_edges=at_edges)
        if counted == ["skill"] or len(counted) > 1:
            yield _among(where, _all_facts(counted, CountedGig.facts))
        else:
            yield _ONE[counted[0]](partial(_among, where))


def row(kind: str, key: Any, label: Any, number: Any) -> list[Any]:
    """Return the columns that all counts have, so that one statement reads them all."""
    return [
        literal(kind).label("kind"),
        cast(key, Text).label("key"),
        cast(label, Text).label("label"),
        cast(number, BigInteger).label("number"),
    ]


def _beside_words(plan: Plan, alike: Mapping[frozenset[str], list[str]]) -> Iterator[Select[Any]]:
    """Select the facts of all gigs that have the words, which are looked up once for all counts."""
    of_all = frozenset.intersection(*alike)
    where = _found(plan, of_all, at_edges=False)
    left = [facet for facet in FACETS if any(facet in others for others in alike) and facet not in of_all]
    flags = [case((_condition(plan.query, facet), 1), else_=0).label(f"in_{facet}") for facet in left]
    needs_gigs = where.needs_gigs or ("price" in left and needs_price(plan.query))
    found = _among(where._replace(needs_gigs=needs_gigs), [CountedGig.facts, *flags]).cte("found")
    for others, counted in alike.items():
        kept = [found.c[f"in_{facet}"] == 1 for facet in left if facet in others]
        yield select(*_all_facts(counted, found.c.facts)).where(*kept)


def _all_facts(counted: Iterable[str], facts: Any) -> list[Any]:
    """Return the columns for what these facets have among many facts."""
    joined = func.aggregate_strings(func.substr(facts, 4, func.length(facts) - 6), _BETWEEN)
    return row(FACTS, literal(" ".join(counted)), func.coalesce(joined, ""), func.count())


def _among(where: _Where, columns: list[Any]) -> Select[Any]:
    counted = select(*columns).select_from(CountedGig)
    if where.needs_gigs:
        counted = counted.join(Gig, Gig.id == CountedGig.gig_id)
    return counted.where(*where.conditions)


_Among = Callable[[list[Any]], Select[Any]]


def _categories(among: _Among) -> Select[Any]:
    key = CountedGig.category_key
    return among(row("category", key, func.min(CountedGig.category), func.count())).group_by(key)


def _values(facet: str, value: Any) -> Callable[[_Among], Select[Any]]:
    return lambda among: among(row(facet, value, literal(""), func.count())).group_by(value)


# How a single facet is counted, out of an index.
_ONE: dict[str, Callable[[_Among], Select[Any]]] = {
    TOTAL: lambda among: among(row(TOTAL, literal(""), literal(""), func.count())),
    "category": _categories,
    "price": _values("price", CountedGig.price),
    "rating": _values("rating", CountedGig.stars),
}


class _Where(NamedTuple):
    """Which gigs are counted, and whether something is asked for that they are not counted as."""

    conditions: list[Any]
    needs_gigs: bool


def _found(plan: Plan, others: Collection[str], *, at_edges: bool) -> _Where:
    """Return the conditions for the gigs that a search finds with some of its filters."""
    query, of_gigs = plan.query, [*offers(plan.query, plan.on)]
    # An index has the subject; beside words SQLite would take the facts of each gig apart for it.
    is_listed = CountedGig.facts != NOT_LISTED if plan.has_words else CountedGig.category_key.is_not(None)
    conditions: list[Any] = [is_listed, *of_gigs]
    conditions += [_condition(query, facet) for facet in FACETS if facet in others]
    if at_edges:
        conditions.append(or_(*(in_band(low) for low in divided(query.min_hourly, query.max_hourly))))
    if plan.has_words:
        found = matches(plan.terms.required, plan.dialect)
        conditions = led_by_words(found, conditions, plan.dialect, of=CountedGig.gig_id)
    return _Where(conditions, needs_gigs=bool(of_gigs) or ("price" in others and needs_price(query)))


def _condition(query: GigsQuery, facet: str) -> ColumnElement[bool]:
    """Return the condition of a facet's filters: of prices that are no whole bands also the gig's own."""
    counted = AS_COUNTED[facet](query)
    return and_(counted, narrowing(query)["price"]) if facet == "price" and needs_price(query) else counted
