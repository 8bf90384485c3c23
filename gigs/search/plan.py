"""How one search is asked of the database: the conditions, and the order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from gigs.models import Gig
from gigs.search.as_counted import priced_in_subject
from gigs.search.filters import GigsQuery, always, narrowing, taught_gigs
from gigs.search.matching import Condition, led_by_words, matches, score
from gigs.search.sorting import ORDERS, Order
from gigs.search.terms import Terms, terms_of
from web.pagination import Position

# The order that only a search with words has.
RELEVANCE = "relevance"


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
        asked = self.query.asked
        if asked is None or self.query.sort != RELEVANCE:
            return ORDERS[self.query.sort]
        return Order(column=score(self.terms.required, self.terms.wished, asked.in_order, self.dialect))

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
        first = self.listed(Gig.id).limit(limit).subquery()
        described = select(*columns, first.c.position).select_from(taught_gigs(with_documents=False))
        rows: list[Row[Any]] = [*connection.execute(described.join(first, first.c.id == Gig.id))]
        return sorted(rows, key=lambda row: (row.position, row.id), reverse=self.order.descending)

    def place_in(self) -> Callable[[Row[Any]], Position]:
        """Return the function that tells where a row of `listed` stands in its order."""
        number_of = self.order.number_of
        return lambda row: (number_of(row.position), row.id)


def plan_of(connection: Connection, query: GigsQuery, now: datetime) -> Plan:
    """Find out how to ask for what a query means."""
    terms = terms_of(connection, query.asked) if query.asked else Terms()
    return Plan(query, terms, connection.dialect.name, now.astimezone(UTC).date())
