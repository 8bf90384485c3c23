"""What goes in and out of the API about many bookings at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from bookings.many.moving import ManyMoves
from bookings.many.service import ManyChanges
from bookings.rules.agreement import StatusChange
from bookings.schemas import NOTE_MAX
from bookings.statuses import BookingStatus
from web.fields import Choice, IdNumber, InstantField, QueryId, StrictSchema, Text

MOST_AT_ONCE = 100
_BOUNDS = validate.Length(1, MOST_AT_ONCE, error=f"Name 1 to {MOST_AT_ONCE} lessons.")
# More than anybody teaches on a day, groups included.
_OF_A_DAY = validate.Length(max=2000)


class LessonMoveSchema(StrictSchema):
    """A lesson, and when it is to begin."""

    id = IdNumber(required=True)
    starts_at = InstantField(required=True)


class ChangeManySchema(StrictSchema):
    """One new status for many bookings, or a new time for each of them, and why."""

    EXAMPLE = {"ids": [1, 2], "status": "cancelled", "reason": "I am ill."}

    ids = fields.List(IdNumber(), validate=_BOUNDS)
    status = Choice(BookingStatus)
    moves = fields.List(
        fields.Nested(LessonMoveSchema),
        validate=_BOUNDS,
        metadata={"description": "Instead of `ids` and `status`: which lesson begins when."},
    )
    reason = Text(at_most=NOTE_MAX, load_default="")

    @validates_schema
    def _is_one_change(self, data: Mapping[str, Any], **_: Any) -> None:
        if "moves" not in data:
            if missing := [name for name in ("ids", "status") if name not in data]:
                raise ValidationError({name: ["Missing data for required field."] for name in missing})
            return
        if extra := [name for name in ("ids", "status") if name in data]:
            raise ValidationError({name: ["Give either moves, or ids and a status."] for name in extra})
        if len({move["id"] for move in data["moves"]}) < len(data["moves"]):
            raise ValidationError("Name each lesson once.", "moves")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> ManyChanges | ManyMoves:
        if "moves" in data:
            return ManyMoves(to={move["id"]: move["starts_at"] for move in data["moves"]}, reason=data["reason"])
        return ManyChanges(ids=data["ids"], step=StatusChange(to=data["status"], reason=data["reason"]))


class _SeenLesson(fields.Field[tuple[int, datetime | None]]):
    """A lesson as a page names it: its id, and an instant, such as when it began there."""

    _ID, _INSTANT = QueryId(), InstantField()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[int, datetime | None]:
        number, _, seen = str(value).partition(" ")
        return self._ID.deserialize(number), self._INSTANT.deserialize(seen) if seen else None


class ManyFormSchema(StrictSchema):
    """The same as a page sends it."""

    ids = fields.List(_SeenLesson(), required=True, validate=_BOUNDS)
    status = Choice(BookingStatus, required=True)
    reason = Text(at_most=NOTE_MAX, load_default="")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> ManyChanges:
        step = StatusChange(to=data["status"], reason=data["reason"])
        seen = {number: instant for number, instant in data["ids"] if instant}
        return ManyChanges(ids=[number for number, _ in data["ids"]], step=step, seen=seen)


class MovesFormSchema(StrictSchema):
    """New times that are chosen on a page.

    A lesson without one stays where it is.
    """

    moves = fields.List(_SeenLesson(), required=True, validate=_BOUNDS)
    reason = Text(at_most=NOTE_MAX, load_default="")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> ManyMoves:
        chosen = {number: starts_at for number, starts_at in data["moves"] if starts_at}
        return ManyMoves(to=chosen, reason=data["reason"])


class DaySchema(StrictSchema):
    """A day in a page's address."""

    date = fields.Date(required=True, error_messages={"invalid": "Write a day like 2026-11-27."})


class EndedSchema(StrictSchema):
    """What a page sends to cancel the lessons that are ticked, and why."""

    ids = fields.List(QueryId(), required=True, validate=_BOUNDS)
    reason = Text(at_most=NOTE_MAX, load_default="")


class CancelDaySchema(StrictSchema):
    """What a page sends to cancel the sessions and lessons of a day that are ticked, and why."""

    sessions = fields.List(QueryId(), load_default=list, validate=_OF_A_DAY)
    ids = fields.List(QueryId(), load_default=list, validate=_OF_A_DAY)
    reason = Text(at_most=NOTE_MAX, load_default="")


class ResultSchema(StrictSchema):
    """What became of one booking.

    It is the status, and the type of the problem, that a change of it alone is answered with.
    """

    id = fields.Integer(required=True)
    status = fields.Integer(required=True, validate=validate.OneOf([200, 403, 404, 409]))
    type = fields.String()


class ResultsSchema(StrictSchema):
    """What became of each, in the order asked."""

    results = fields.List(fields.Nested(ResultSchema), required=True)
