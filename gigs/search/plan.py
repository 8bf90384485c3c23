"""How one search is asked of the database: the conditions, and the order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Row, Select, case, func, select, union_all

from gigs.models import Gig
from gigs.search.as_counted import exactly, priced_in_subject
from gigs.search.filters import LISTED, GigsQuery, always, narrowing, offers, taught_gigs
from gigs.search.matching import (
    Condition,
    best_elsewhere,
    in_document,
    in_title,
    led_by_words,
    matches,
    off_indexes,
    score,
)
from gigs.search.models import GigDocument, ListedGig
from gigs.search.sorting import ORDERS, Order
from gigs.search.terms import Terms, terms_of
from web.pagination import Position

# The order that only a search with words has.
RELEVANCE = "relevance"
# So many of the newest gigs are looked at before all that have a price, of which most may be among them.
NEWEST = 400


@dataclass(frozen=True, slots=True)
class Plan:
    """A query, with what its words stand for in this database."""

    query: GigsQuery
    terms: Terms
    dialect: str
    # The day whose clocks count.
    on: date

    @property
    def has_words(self) -> bool:
        """Tell whether documents are looked into."""
        return bool(self.terms.required)

    @property
    def is_hopeless(self) -> bool:
        """Tell whether there is nothing to look for, because signs alone were typed."""
        return self.query.asked is not None and not self.has_words

    def where(self, *narrowed: ColumnElement[bool]) -> list[Condition]:
        """Return these conditions, those that always hold, and that the words are found, if there are any."""
        conditions = [*always(self.query, self.on), *narrowed]
        if self.has_words:
            return led_by_words(matches(self.terms.required, self.dialect), conditions, self.dialect)
        if self.query.category is not None and "price" in narrowing(self.query):
            # Few gigs have both, and one index knows which.
            return led_by_words(priced_in_subject(self.query), conditions, self.dialect)
        return conditions

    @property
    def order(self) -> Order:
        """Return the order of the list."""
        return Order(column=self._points()) if self._is_ranked else ORDERS[self.query.sort]

    @property
    def _is_ranked(self) -> bool:
        return self.query.asked is not None and self.query.sort == RELEVANCE

    def _points(self, *, in_titles: bool = False) -> ColumnElement[Any]:
        typed = self.query.asked.in_order if self.query.asked else ""
        return score(self.terms.required, self.terms.wished, typed, self.dialect, in_titles=in_titles)

    def listed(self, *columns: Any) -> Select[Any]:
        """Select these columns of the list, from its cursor on.

        One more column, `position`, tells `place_in` where in that order a row stands.
        """
        order, query = self.order, self.query
        statement = select(*columns, order.column.label("position"))
        statement = statement.select_from(taught_gigs(with_documents=self.has_words))
        statement = statement.where(*self.where(*narrowing(query).values()))
        if query.after:
            statement = statement.where(order.after(query.after))
        return statement.order_by(*order.clauses())

    def rows(self, connection: Connection, *columns: Any, limit: int) -> Sequence[Row[Any]]:
        """Read the first rows of `listed`.

        Where gigs have to be sorted, their texts are read only once it is known which ones they are.
        """
        if not self.has_words and not narrowing(self.query):
            return connection.execute(self.listed(*columns).limit(limit)).all()
        first = self._first(limit).subquery()
        described = select(*columns, first.c.position).select_from(taught_gigs(with_documents=False))
        rows: list[Row[Any]] = [*connection.execute(described.join(first, first.c.id == Gig.id))]
        return sorted(rows, key=lambda row: (row.position, row.id), reverse=self.order.descending)

    def _first(self, limit: int) -> Select[Any]:
        """Select the ids of the first rows, and their positions."""
        if self._is_ranked:
            return self._best(limit)
        if not self.has_words and self.query.sort == "newest" and {*narrowing(self.query)} == {"price"}:
            return self._newest(limit)
        return self.listed(Gig.id).limit(limit)

    def _best(self, limit: int) -> Select[Any]:
        """Select those that fit best, first among the titles that have the words.

        Mostly these are enough. All others have fewer points than a title with all words.
        """
        terms, dialect = self.terms.required, self.dialect
        in_titles = self._scored(limit, in_title(terms, dialect), in_titles=True).cte("in_titles")
        surely = in_titles.c.position > best_elsewhere(terms, self.terms.wished)
        return _or_else(in_titles, surely, limit, self._scored(limit, in_document(terms, dialect)), dialect)

    def _scored(self, limit: int, found: ColumnElement[bool], *, in_titles: bool = False) -> Select[Any]:
        query = self.query
        points = self._points(in_titles=in_titles and not self.terms.wished)
        others = [exactly(facet, query) for facet in narrowing(query)]
        if of_gigs := [*offers(query, self.on)]:
            others.append(select(Gig.id).where(Gig.id == ListedGig.gig_id, *of_gigs).exists())
        statement = select(ListedGig.gig_id.label("id"), points.label("position"))
        if self.terms.wished or not in_titles:
            statement = statement.join(GigDocument, GigDocument.gig_id == ListedGig.gig_id)
        statement = statement.where(found, *off_indexes(others, self.dialect))
        if query.after:
            statement = statement.where(Order(column=points, tie=ListedGig.gig_id).after(query.after))
        return statement.order_by(statement.selected_columns.position.desc(), ListedGig.gig_id.desc()).limit(limit)

    def _newest(self, limit: int) -> Select[Any]:
        """Select the newest ones, first among the newest of all gigs.

        A wide range of prices has many of those, and without them all gigs in it would have to be sorted.
        """
        order, query = self.order, self.query
        newest = select(Gig.created_at).select_from(taught_gigs(with_documents=False)).where(*LISTED)
        if query.after:
            newest = newest.where(order.after(query.after))
        since = newest.order_by(*order.clauses()).limit(1).offset(NEWEST).scalar_subquery()
        conditions = off_indexes([*always(query, self.on), *narrowing(query).values()], self.dialect)
        among = select(Gig.id.label("id"), Gig.created_at.label("position"))
        among = among.select_from(taught_gigs(with_documents=False)).where(Gig.created_at >= since, *conditions)
        if query.after:
            among = among.where(order.after(query.after))
        recent = among.order_by(*order.clauses()).limit(limit).cte("recent")
        return _or_else(recent, recent.c.id.is_not(None), limit, self.listed(Gig.id).limit(limit), self.dialect)

    def place_in(self) -> Callable[[Row[Any]], Position]:
        """Return the function that tells where a row of `listed` stands in its order."""
        number_of = self.order.number_of
        return lambda row: (number_of(row.position), row.id)


def _or_else(first: CTE, surely: ColumnElement[bool], limit: int, everything: Select[Any], dialect: str) -> Select[Any]:
    """Select the rows of `first` if enough of them are `surely` first, or else those of `everything`."""
    enough = select(func.count()).select_from(first).where(surely).scalar_subquery() >= limit
    # SQLite asks a condition for each row, even one that is the same for all of them, but a limit before the first.
    rest = everything.limit(case((enough, 0), else_=limit)) if dialect == "sqlite" else everything.where(~enough)
    others = rest.subquery()
    both = union_all(select(first.c.id, first.c.position).where(enough), select(others.c.id, others.c.position))
    rows = both.subquery()
    return select(rows.c.id, rows.c.position)


def plan_of(connection: Connection, query: GigsQuery, now: datetime) -> Plan:
    """Find out how to ask for what a query means."""
    terms = terms_of(connection, query.asked) if query.asked else Terms()
    return Plan(query, terms, connection.dialect.name, now.astimezone(UTC).date())
