"""The orders in which gigs can be listed.

Each one has a column, a direction, and a way to hold its value in a cursor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, UnaryExpression, case, cast, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import User
from database import Instant
from gigs.models import Gig
from web.pagination import Position, from_microseconds, microseconds

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def _number(number: int) -> ColumnElement[Any]:
    """Bind a cursor's number as 63 bits."""
    # It need not fit into the column that it is compared with.
    return literal(number, BigInteger)


def _instant(number: int) -> ColumnElement[Any]:
    return literal(from_microseconds(number), Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order.

    Rows that are equal in `column` follow by id, which is `tie`.
    """

    column: Column
    descending: bool = True
    tie: Column = Gig.id
    number_of: Callable[[Any], int] = int
    value_of: Callable[[int], ColumnElement[Any]] = _number

    def clauses(self) -> tuple[UnaryExpression[Any], UnaryExpression[Any]]:
        """Return what to sort by."""
        if self.descending:
            return self.column.desc(), self.tie.desc()
        return self.column.asc(), self.tie.asc()

    def after(self, position: Position) -> ColumnElement[bool]:
        """Return the condition that holds for every row that follows `position`."""
        row = tuple_(self.column, self.tie)
        edge = tuple_(self.value_of(position[0]), _number(position[1]))
        return row < edge if self.descending else row > edge


# A mean as an integer, so that a cursor holds it exactly. Teachers without a rating come last.
_RATING = case((User.rating_count > 0, cast(User.rating_sum, BigInteger) * 10_000 // User.rating_count), else_=0)

ORDERS = {
    "newest": Order(column=Gig.created_at, number_of=microseconds, value_of=_instant),
    "price": Order(column=Gig.hourly_cents, descending=False),
    "-price": Order(column=Gig.hourly_cents),
    "rating": Order(column=_RATING),
    "popular": Order(column=Gig.popularity),
}
BY_PRICE = ("price", "-price")
