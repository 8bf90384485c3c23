"""Count what a search has found: by subject, skill, price and rating.

Each count leaves its own filter out and applies all others, so that it says what choosing another value would show.
Some counts are kept (`kept_counts.py`), the others are made over one set of gigs, all of them in one statement.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from gigs.models import Gig, GigSkill
from gigs.queries import MOST_CATEGORIES
from gigs.search.bands import PRICE_EDGES, band_of
from gigs.search.counts import TOTAL
from gigs.search.filters import FACETS, GigsQuery, narrowing, rated, taught_gigs
from gigs.search.kept_counts import kept_for, kept_rows
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
    counts = [kept_rows(counted, where, _MOST.get(counted)) for counted, where in kept.items()]
    if missing := [counted for counted in _COUNTS if counted not in kept]:
        found = _found(plan, missing)
        counts += [count for counted in missing for count in _COUNTS[counted](found)]
    facets: dict[str, list[JsonObject]] = {name: [] for name in FACETS}
    total, stars = 0, Counter[int]()
    skills: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for kind, value, label, number in connection.execute(union_all(*counts, *_shown(shown))):
        if kind == TOTAL:
            total = number
        elif kind == "shown":
            skills[number].append((value, label))
        elif kind == "stars":
            stars.update({least: number for least in RATINGS if least <= value})
        elif kind == "price":
            low, high = band_of(value)
            facets[kind].append({"currency": label, "from": low, "to": high, "count": number})
        elif kind == "rating" and number:
            facets[kind].append({"value": value, "count": number})
        elif kind in ("category", "skill"):
            facets[kind].append({"value": label, "count": number})
    facets["rating"] += [{"value": least, "count": stars[least]} for least in RATINGS if stars[least]]
    facets["price"].sort(key=lambda band: (band["currency"], band["from"]))
    for kind in ("category", "skill"):
        facets[kind].sort(key=lambda row: (-row["count"], row["value"].casefold()))
    in_order = {gig_id: [skill for _, skill in sorted(placed)] for gig_id, placed in skills.items()}
    return Counted(facets, total, defaultdict(list, in_order))


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


def _found(plan: Plan, counted: Collection[str]) -> CTE:
    """Select every gig that one of these counts may need.

    One column per facet says whether its filter keeps the gig. A filter that none of them leaves out narrows the set.
    """
    kept = narrowing(plan.query)
    of_all = [condition for name, condition in kept.items() if name not in counted]
    flags = [
        case((kept[name], 1), else_=0).label(f"in_{name}") if name in kept else literal(1).label(f"in_{name}")
        for name in FACETS
    ]
    stars = [case((rated(least), 1), else_=0).label(f"stars_{least}") for least in RATINGS]
    columns: list[Any] = [Gig.id, Gig.category_key, Gig.category, Gig.currency, Gig.hourly_cents, *flags, *stars]
    statement = select(*columns).select_from(taught_gigs(with_documents=False))
    return statement.where(*plan.where(*of_all)).cte("found")


def _kept(found: CTE, *, without: str | None = None) -> ColumnElement[bool]:
    return and_(true(), *(found.c[f"in_{name}"] == 1 for name in FACETS if name != without))


def _row(kind: str, value: Any, label: Any, number: Any) -> list[Any]:
    return [
        literal(kind).label("kind"),
        cast(value, BigInteger).label("value"),
        label.label("label"),
        number.label("number"),
    ]


def _total(found: CTE) -> Select[Any]:
    return select(*_row(TOTAL, null(), literal(""), func.count())).select_from(found).where(_kept(found))


def _categories(found: CTE) -> Select[Any]:
    statement = select(*_name_and_number(found.c.category)).where(_kept(found, without="category"))
    return _largest("category", statement, found.c.category_key, MOST_CATEGORIES)


def _skills(found: CTE) -> Select[Any]:
    statement = select(*_name_and_number(GigSkill.skill)).join_from(found, GigSkill, GigSkill.gig_id == found.c.id)
    return _largest("skill", statement.where(_kept(found, without="skill")), GigSkill.skill_key, MOST_SKILLS)


def _name_and_number(name: Any) -> list[Any]:
    """Return one of the ways in which a value is written, and how often there is one."""
    return [func.min(name).label("label"), func.count().label("number")]


def _largest(kind: str, counted: Select[Any], key: Any, most: int) -> Select[Any]:
    rows = counted.group_by(key).order_by(func.count().desc(), key).limit(most).subquery()
    return select(*_row(kind, null(), rows.c.label, rows.c.number))


def _prices(found: CTE) -> Select[Any]:
    price, ends = found.c.hourly_cents, [(end, begin) for begin, end in pairwise(PRICE_EDGES)]
    band = case(*((price < end, begin) for end, begin in ends), else_=PRICE_EDGES[-1])
    bands = select(band.label("band"), found.c.currency).where(_kept(found, without="price")).subquery()
    counted = select(*_row("price", bands.c.band, bands.c.currency, func.count()))
    return counted.group_by(bands.c.band, bands.c.currency)


def _ratings(found: CTE) -> list[Select[Any]]:
    kept = _kept(found, without="rating")
    return [
        select(*_row("rating", literal(least), literal(""), func.count())).where(kept, found.c[f"stars_{least}"] == 1)
        for least in RATINGS
    ]


def _shown(gig_ids: Collection[int]) -> list[Select[Any]]:
    """Select the skills of some gigs, with their places."""
    if not gig_ids:
        return []
    skills = select(*_row("shown", GigSkill.position, GigSkill.skill, GigSkill.gig_id))
    return [skills.where(GigSkill.gig_id.in_(gig_ids))]


# How each count is made that is not kept.
_COUNTS: dict[str, Callable[[CTE], Sequence[Select[Any]]]] = {
    TOTAL: lambda found: [_total(found)],
    "category": lambda found: [_categories(found)],
    "skill": lambda found: [_skills(found)],
    "price": lambda found: [_prices(found)],
    "rating": _ratings,
}
