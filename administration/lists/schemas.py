"""What the addresses of these lists say: words, a status, and whole days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from marshmallow import fields, post_load

from bookings.queries import NEWEST_FIRST, ORDERS
from bookings.statuses import BookingStatus
from enrolment.statuses import ApplicationStatus
from gigs.schemas import NARROWING, WordsQuery
from jsontext import JsonObject
from payments.models import PaymentStatus
from schedule.times.wall_time import day_bounds
from web.fields import Choice
from web.pagination import Position, position_for

Query = TypeVar("Query")

# The order of lists that have no other.
_NEWEST = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for."""

    words: JsonObject
    status: str | None
    order: str | None
    first: date | None
    last: date | None
    after: Position | None
    limit: int

    @property
    def filters(self) -> JsonObject:
        """Name those parts of the address that narrow the list, as the address does."""
        order = None if self.order == NEWEST_FIRST else self.order
        named = {"status": self.status, "from": self.first, "to": self.last, "order": order}
        return {name: str(value) for name, value in (self.words | named).items() if value}

    def query(self, make: Callable[..., Query], zone: str) -> Query:
        """Ask for rows between the days as a time zone has them, both included."""
        statuses = (str(self.status),) if self.status else ()
        order = {"order": self.order} if self.order else {}
        start, end = self.bounds(zone)
        return make(statuses=statuses, start=start, end=end, after=self.after, limit=self.limit, **self.words, **order)

    def of_api(self, zone: str) -> JsonObject:
        """Return the same filters as the API names them."""
        start, end = self.bounds(zone)
        instants = {"from": start and start.isoformat(), "to": end and end.isoformat()}
        return {name: value for name, value in (self.filters | instants).items() if value}

    def bounds(self, zone: str) -> tuple[datetime | None, datetime | None]:
        """Return the instants from which on and before which the days lie."""
        start = day_bounds(self.first, ZoneInfo(zone))[0] if self.first else None
        return start, day_bounds(self.last, ZoneInfo(zone))[1] if self.last else None


class _AddressSchema(WordsQuery):
    """The words, the days and the place in the list.

    A list adds its `status`.
    """

    first = fields.Date(data_key="from", load_default=None, error_messages={"invalid": "Write a day like 2026-11-27."})
    last = fields.Date(data_key="to", load_default=None, error_messages={"invalid": "Write a day like 2026-11-27."})

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> Asked:
        order = data.get("order")
        return Asked(
            words={name: data[name] or None for name in NARROWING},
            status=data["status"],
            order=order,
            first=data["first"],
            last=data["last"],
            after=position_for(data["cursor"], order or _NEWEST),
            limit=data["limit"],
        )


class LessonsAddressSchema(_AddressSchema):
    """Which lessons, by the days on which they begin, in which order."""

    status = Choice(BookingStatus, load_default=None)
    order = Choice(list(ORDERS), load_default=NEWEST_FIRST)


class PaymentsAddressSchema(_AddressSchema):
    """Which payments, by the days on which they were reported."""

    status = Choice(PaymentStatus, load_default=None)


class ApplicationsAddressSchema(_AddressSchema):
    """Which applications, by the days on which they came."""

    status = Choice(ApplicationStatus, load_default=None)
