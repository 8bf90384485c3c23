"""What a PATCH of a booking asks for, and the buttons that answer a wish for another time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from bookings.rules.agreement import MoveAnswer, NewTime, Seen, StatusChange
from bookings.schemas import FEE_MAX, NOTE_MAX, NewTimeSchema, status_change
from bookings.states import ANSWERS
from bookings.statuses import BookingStatus
from web.fields import Choice, InstantField, StrictSchema, Text, WholeNumber

# What a PATCH asks for.
Change = StatusChange | NewTime | MoveAnswer | Seen

_FEE = {"description": "What you were told that this costs; if it is something else by now, nothing changes."}
_WAIVE = {"description": "The teacher lets the student off the fee of a late move, or of not coming."}
_WITH_A_FEE = {
    "fee_cents": (BookingStatus.CANCELLED, BookingStatus.REJECTED, BookingStatus.NO_SHOW, "starts_at"),
    "waive_fee": (BookingStatus.ACCEPTED, BookingStatus.CANCELLED, BookingStatus.REJECTED, BookingStatus.NO_SHOW),
}


class SeenField(InstantField):
    """An instant that was seen, or true for all there is to see."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return True if value is True else super()._deserialize(value, attr, data, **kwargs)


class ChangeBookingSchema(NewTimeSchema):
    """One change, and why: a new status, a new time, an answer to a move, or that its changes were seen."""

    EXAMPLE = {"status": "cancelled", "reason": "I have caught a cold."}

    status = Choice(BookingStatus)
    move = Choice(ANSWERS, metadata={"description": "The answer to another time that is asked for."})
    seen = SeenField(
        metadata={
            "type": ["string", "boolean"],
            "description": "When the lesson began as you saw it; if it was moved since, its status stays. With `move` "
            "the time that was asked for. Alone, `true`: you have seen what was changed for you.",
        }
    )
    fee_cents = WholeNumber(at_least=0, at_most=FEE_MAX, metadata=_FEE)
    waive_fee = fields.Boolean(truthy={True}, falsy={False}, metadata=_WAIVE)

    @validates_schema
    def _goes_with_the_status(self, data: Mapping[str, Any], **_: Any) -> None:
        for name in ("fee_cents", "waive_fee"):
            if name in data and data.get("status", "starts_at") not in _WITH_A_FEE[name]:
                raise ValidationError(f"This goes with one of: {', '.join(_WITH_A_FEE[name])}.", name)

    @validates_schema
    def _is_one_change(self, data: Mapping[str, Any], **_: Any) -> None:
        changes = [name for name in ("status", "starts_at", "move") if name in data]
        alone = data.get("seen") is True
        if not changes and not alone:
            about = "seen" if "seen" in data else "status"
            raise ValidationError("Give a new status, a new starts_at or an answer to a move.", about)
        if len(changes) > 1:
            raise ValidationError("Give only one of status, starts_at and move.", changes[1])
        if changes and (alone or ("seen" in data and "starts_at" in data)):
            raise ValidationError("This is an instant, and goes with a new status or an answer to a move.", "seen")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Change:
        if "starts_at" in data:
            return NewTime(**data)
        if "move" in data:
            return MoveAnswer(by=data.pop("move"), **data)
        return status_change(**data) if "status" in data else Seen()


class AnswerFormSchema(StrictSchema):
    """What a page's button sends: an answer to a move, and the time that the page showed."""

    move = Choice(ANSWERS, required=True)
    seen = InstantField(required=True)
    reason = Text(at_most=NOTE_MAX, load_default="")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> MoveAnswer:
        return MoveAnswer(by=data.pop("move"), **data)
