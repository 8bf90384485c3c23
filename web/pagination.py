"""Keyset pages: a cursor says where the next page begins.

So page 1,000 costs what page 1 does.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load

from database import MAX_ID
from jsontext import JsonObject, dumps, loads
from web.fields import QueryNumber, StrictSchema

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEFAULT_LIMIT = 20
MAX_LIMIT = 100

# Where a page ended: the value it is sorted by, as an integer, and the id of its last row.
Position = tuple[int, int]


class CursorField(fields.String):
    """An opaque cursor, as `next_cursor` gave it.

    It belongs to one order of the list.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            order, key, row_id = loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        except (ValueError, TypeError):
            raise ValidationError("This cursor is not one of ours.") from None
        numbers = all(type(number) is int and -MAX_ID <= number <= MAX_ID for number in (key, row_id))
        if not isinstance(order, str) or not numbers:
            raise ValidationError("This cursor is not one of ours.")
        return order, (key, row_id)


class PageQuery(StrictSchema):
    """The query parameters that every list takes."""

    limit = QueryNumber(
        at_least=1, at_most=MAX_LIMIT, load_default=DEFAULT_LIMIT, metadata={"description": "Rows in one page."}
    )
    cursor = CursorField(load_default=None, metadata={"description": "`next_cursor` of the page before; opaque."})

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        """Turn the cursor into a position, for lists that have one order."""
        return super()._make(data | {"after": position_for(data.pop("cursor"), "newest")})


class PageSchema(StrictSchema):
    """The envelope of every list.

    Subclasses add `data`.
    """

    next_cursor = fields.String(required=True, allow_none=True)
    cached = fields.Boolean(required=True)


def position_for(cursor: tuple[str, Position] | None, order: str) -> Position | None:
    """Return where to go on from.

    Raises ValidationError if the cursor came from a list in another order.
    """
    if cursor is None:
        return None
    if cursor[0] != order:
        raise ValidationError({"cursor": ["This cursor belongs to a list in another order."]})
    return cursor[1]


def page(
    rows: Sequence[Any],
    *,
    limit: int,
    order: str,
    position: Callable[[Any], Position],
    show: Callable[[Any], Any],
    searched_to: Any = None,
) -> JsonObject:
    """Build a page out of up to `limit + 1` rows.

    The extra one only tells that there are more. If only a part was searched, `searched_to` is the last row that was
    looked at: there the next page goes on.
    """
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else searched_to
    return {
        "data": [show(row) for row in shown],
        "next_cursor": None if last is None else cursor_for(order, position(last)),
    }


def microseconds(instant: datetime) -> int:
    """Express an instant as an integer, exactly."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(number: int) -> datetime:
    """Turn `microseconds` back.

    A number beyond the calendar becomes its nearest end: a page there is just empty.
    """
    try:
        return _EPOCH + timedelta(microseconds=number)
    except OverflowError:
        return (datetime.max if number > 0 else datetime.min).replace(tzinfo=UTC)


def cursor_for(order: str, position: Position) -> str:
    """Write a position as the cursor of a list in this order."""
    return urlsafe_b64encode(dumps([order, *position])).rstrip(b"=").decode()
