"""Count gigs by what each of them is counted as, where no count is kept.

`listed_gigs` has all that is needed in one short row for each gig of the public list. Where one number is counted for
each band of prices or for the stars, an index has the values. Otherwise the database puts the facts of all gigs one
behind the other, and they are counted here: that takes half the time of a `GROUP BY` for each facet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, cast, func, literal, or_, select, true

from gigs.models import Gig
from gigs.search.as_counted import exactly, in_band
from gigs.search.bands import divided
from gigs.search.counts import TOTAL
from gigs.search.filters import FACETS, narrowing, offers
from gigs.search.listed import LETTERS, SEPARATOR
from gigs.search.matching import led_by_words, matches
from gigs.search.models import ListedGig
from gigs.search.plan import Plan
from gigs.search.text import key_of

# What a row with many facts is called, beside rows with one number.
FACTS = "facts"
# Between the gigs that are counted for all facets and those for one alone.
_PART = "\x1e"
_FACET_OF = {letter: facet for facet, letter in LETTERS.items()}
# Their values are shown otherwise than they are compared.
_NAMED = ("category", "skill")


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

    def add_facts(self, counted: str, values: str) -> None:
        """Add what gigs have, in these facets.

        The first part is about gigs that fit every filter, each other one about those that fit all but a facet's own.
        """
        first, *others = ({*facets.split(",")} for facets in counted.split(" "))
        fitting, *more = values.split(_PART)
        self._add_all(first, fitting)
        for facets, part in zip(others, more, strict=True):
            self._add_all(facets, part)

    def most(self, facet: str, most: int | None = None) -> list[tuple[str, int]]:
        """Return the values that most gigs have, as they are written, with their numbers."""
        there = [(key, number) for key, number in self.numbers[facet].items() if number]
        chosen = sorted(there, key=lambda each: (-each[1], each[0]))[:most]
        named = [(self.labels[facet, key], number) for key, number in chosen]
        return sorted(named, key=lambda each: (-each[1], each[0].casefold()))

    def _add_all(self, facets: Collection[str], values: str) -> None:
        # What stands before the first separator is nothing.
        for written, number in Counter(values.split(SEPARATOR)[1:]).items():
            facet, label = _FACET_OF[written[0]], written[1:]
            if facet in facets:
                is_named = facet in _NAMED
                self.add(facet, key_of(label) if is_named else label, label if is_named else "", number)
            # Every gig has one number of stars.
            if facet == "rating" and TOTAL in facets:
                self.add(TOTAL, "", "", number)


def counted_now(plan: Plan, facets: Collection[str], *, at_edges: bool = False) -> Iterator[Select[Any]]:
    """Select what these counts need, each without its own filter.

    With `at_edges` only gigs in bands of prices that a filter divides.
    """
    given = narrowing(plan.query).keys()
    alike = defaultdict(list)
    for facet in facets:
        alike[frozenset(given - {facet})].append(facet)
    if plan.has_words and alike:
        yield _beside_words(plan, facets)
        return
    for others, counted in alike.items():
        where = _found(plan, others, at_edges=at_edges)
        if len(counted) > 1 or counted[0] in _NAMED:
            yield _among(where, row(FACTS, literal(",".join(counted)), _joined(), 0))
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


def _beside_words(plan: Plan, facets: Collection[str]) -> Select[Any]:
    """Select the values of all gigs that have the words, which are gone through once for all counts.

    A gig that fits all filters is counted for every facet. One that fits all but those of one facet is counted for it.
    """
    query = plan.query
    fits = {facet: exactly(facet, query) for facet in facets if facet in narrowing(query)}
    all_but_one = [and_(true(), *(fits[other] for other in fits if other != facet)) for facet in fits]
    parts = [and_(true(), *fits.values())]
    parts += [and_(~fits[facet], others) for facet, others in zip(fits, all_but_one, strict=True)]
    values = _joined(parts[0])
    for part in parts[1:]:
        values = values.concat(_PART).concat(_joined(part))
    counted = " ".join((",".join(facets), *fits))
    where = _found(plan, (), at_edges=False)
    return _among([*where, or_(*all_but_one)] if fits else where, row(FACTS, literal(counted), values, 0))


def _joined(where: ColumnElement[bool] | None = None) -> ColumnElement[str]:
    joined = func.aggregate_strings(ListedGig.facts, "")
    return func.coalesce(joined if where is None else joined.filter(where), "")


def _among(where: Iterable[Any], columns: list[Any]) -> Select[Any]:
    return select(*columns).select_from(ListedGig).where(*where)


_Among = Callable[[list[Any]], Select[Any]]


def _values(facet: str, value: Any) -> Callable[[_Among], Select[Any]]:
    return lambda among: among(row(facet, value, literal(""), func.count())).group_by(value)


# How a single facet is counted, out of an index.
_ONE: dict[str, Callable[[_Among], Select[Any]]] = {
    TOTAL: lambda among: among(row(TOTAL, literal(""), literal(""), func.count())),
    "price": _values("price", ListedGig.price),
    "rating": _values("rating", ListedGig.stars),
}


def _found(plan: Plan, others: Collection[str], *, at_edges: bool) -> list[Any]:
    """Return the conditions for the gigs that a search finds with some of its filters."""
    query = plan.query
    conditions: list[Any] = [exactly(facet, query) for facet in FACETS if facet in others]
    if of_gigs := [*offers(query, plan.on)]:
        conditions.append(select(literal(1)).where(Gig.id == ListedGig.gig_id, *of_gigs).exists())
    if at_edges:
        conditions.append(or_(*(in_band(low) for low in divided(query.min_hourly, query.max_hourly))))
    if plan.has_words:
        found = matches(plan.terms.required, plan.dialect)
        return led_by_words(found, conditions, plan.dialect, of=ListedGig.gig_id)
    return conditions
