"""What goes in and out of the API about sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from bookings.schemas import NOTE_MAX, GigReferenceSchema, ReferenceSchema
from bookings.sessions.models import LONGEST_LOCATION, MOST_PLACES, SessionStatus
from bookings.sessions.plan import MOST_EXCEPTIONS, MOST_WEEKS_APART, NewSessions, Repeat
from bookings.sessions.queries import ORDER, SessionsQuery
from bookings.sessions.service import SessionChange
from bookings.sessions.states import Act
from bookings.statuses import BookingStatus
from web.fields import (
    Choice,
    IdNumber,
    InstantField,
    QueryInstant,
    QueryNumber,
    StrictSchema,
    Text,
    WholeNumber,
)
from web.pagination import PageQuery, PageSchema, position_for

_ACTS = {SessionStatus.CANCELLED: Act.CANCEL, SessionStatus.HELD: Act.HOLD}
# What a PATCH may give a new value, with what can be said beside it.
_CHANGES = {"starts_at": Act.MOVE, "capacity": Act.RESIZE, "location": Act.RELOCATE}


class SessionSchema(StrictSchema):
    """A session as lists show it.

    `location` is null for those who have no agreed place in it. `seats_left` is 0 unless it is scheduled.
    """

    id = fields.Integer(required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    status = Choice(SessionStatus, required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    capacity = fields.Integer(required=True)
    seats_left = fields.Integer(required=True)
    location = fields.String(required=True, allow_none=True)
    holiday = fields.String(
        allow_none=True,
        metadata={"description": "The school is closed then: nobody can book a place."},
    )
    own_booking_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The lesson in it that is the reader's: asked for, or agreed on."},
    )


class RosterRowSchema(StrictSchema):
    """A student with a place in a session."""

    booking_id = fields.Integer(required=True)
    student = fields.Nested(ReferenceSchema, required=True)
    status = Choice(BookingStatus, required=True)
    offered_until = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Until when the waitlist keeps this place for them."}
    )


class SessionDetailSchema(SessionSchema):
    """One session.

    Its teacher and administrators get the roster, and what they may do now.
    """

    reason = fields.String(
        required=True,
        metadata={"description": "Why it was cancelled. Empty for those who never had a place in it."},
    )
    roster = fields.List(fields.Nested(RosterRowSchema))
    allowed_transitions = fields.List(Choice(SessionStatus))


class SessionsPageSchema(PageSchema):
    """A page of a gig's sessions, in order of time."""

    data = fields.List(fields.Nested(SessionSchema), required=True)


class NewSessionsAnswerSchema(StrictSchema):
    """The sessions that were set, in order of time."""

    data = fields.List(fields.Nested(SessionSchema), required=True)


class RepeatSchema(StrictSchema):
    """The same time of the clock, by the zone of the gig's schedule, every so many weeks."""

    until = fields.Date(required=True, metadata={"description": "The last day on which there may be one."})
    every_weeks = WholeNumber(at_least=1, at_most=MOST_WEEKS_APART, load_default=1)
    without = fields.List(
        fields.Date(),
        data_key="except",
        load_default=list,
        metadata={"description": "Days without a session, such as holidays.", "maxItems": MOST_EXCEPTIONS},
    )

    @validates_schema
    def _are_not_too_many(self, data: Mapping[str, Any], **_: Any) -> None:
        if len(data["without"]) > MOST_EXCEPTIONS:
            raise ValidationError(f"At most {MOST_EXCEPTIONS} days.", "except")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> Repeat:
        return Repeat(until=data["until"], every_weeks=data["every_weeks"], without=tuple(sorted(set(data["without"]))))


class SessionFormSchema(StrictSchema):
    """What a page's form says about new sessions, besides when they repeat."""

    starts_at = InstantField()
    capacity = WholeNumber(at_least=1, at_most=MOST_PLACES, load_default=None)
    location = Text(at_most=LONGEST_LOCATION, load_default="")


class PlacesFormSchema(StrictSchema):
    """A number of places, as a page's form sends it."""

    capacity = QueryNumber(at_least=1, at_most=MOST_PLACES, required=True)


class LocationFormSchema(StrictSchema):
    """Where a session takes place, as a page's form sends it."""

    location = Text(at_most=LONGEST_LOCATION, load_default="")


class CancelFormSchema(StrictSchema):
    """Why a session is cancelled, as a page's form sends it."""

    reason = Text(at_most=NOTE_MAX, load_default="")


class NewSessionsSchema(StrictSchema):
    """A session to be set, or with `repeat` a row of them: all of them, or none."""

    MAKES = NewSessions
    EXAMPLE = {
        "starts_at": "2027-03-04T17:00:00Z",
        "capacity": 8,
        "repeat": {"until": "2027-06-24", "every_weeks": 1, "except": ["2027-05-06"]},
    }

    starts_at = InstantField(required=True)
    capacity = WholeNumber(at_least=1, at_most=MOST_PLACES, load_default=None)
    location = Text(at_least=1, at_most=LONGEST_LOCATION, load_default=None)
    repeat = fields.Nested(RepeatSchema, load_default=None)


class ChangeSessionSchema(StrictSchema):
    """One change of a session: a new time, status, number of places or location.

    All its lessons change with it, and their people are told once. `no_show` goes with `held`.
    """

    EXAMPLE = {"status": "cancelled", "reason": "I am ill."}

    starts_at = InstantField()
    status = Choice(list(_ACTS))
    capacity = WholeNumber(at_least=1, at_most=MOST_PLACES)
    location = Text(at_most=LONGEST_LOCATION, metadata={"description": "Empty: where the gig's lessons take place."})
    reason = Text(at_most=NOTE_MAX, load_default="")
    no_show = fields.List(
        IdNumber(),
        metadata={"description": "The bookings of those who did not come.", "maxItems": MOST_PLACES},
    )

    waived = fields.List(
        IdNumber(),
        metadata={"description": "Those of `no_show` that cost nothing all the same.", "maxItems": MOST_PLACES},
    )

    @validates_schema
    def _is_one_change(self, data: Mapping[str, Any], **_: Any) -> None:
        changes = [name for name in ("status", *_CHANGES) if name in data]
        if not changes:
            raise ValidationError("Give a new status, starts_at, capacity or location.", "status")
        if len(changes) > 1:
            raise ValidationError(f"Give only one of {', '.join(changes)}.", changes[1])

    @validates_schema
    def _goes_with_held(self, data: Mapping[str, Any], **_: Any) -> None:
        for name in ("no_show", "waived"):
            if name in data and data.get("status") != SessionStatus.HELD:
                raise ValidationError("This goes with the status held.", name)
            if len(data.get(name, ())) > MOST_PLACES:
                raise ValidationError(f"At most {MOST_PLACES}.", name)

    @validates_schema
    def _are_absent(self, data: Mapping[str, Any], **_: Any) -> None:
        if not set(data.get("waived", ())) <= set(data.get("no_show", ())):
            raise ValidationError("Name lessons that are in no_show, too.", "waived")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> SessionChange:
        if "status" in data:
            absent, waived = (tuple(sorted(set(data.get(name, ())))) for name in ("no_show", "waived"))
            return SessionChange(act=_ACTS[data["status"]], reason=data["reason"], no_show=absent, waived=waived)
        name = next(name for name in _CHANGES if name in data)
        return SessionChange(act=_CHANGES[name], to=data[name], reason=data["reason"])


class SessionsQuerySchema(PageQuery):
    """Which sessions of a gig: `from` ≤ starts_at < `to`, both optional."""

    start = QueryInstant(data_key="from", load_default=None)
    end = QueryInstant(data_key="to", load_default=None)

    @validates_schema
    def _interval_is_not_empty(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["start"] and data["end"] and data["start"] >= data["end"]:
            raise ValidationError("This has to be before `to`.", "from")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> SessionsQuery:
        after = position_for(data["cursor"], ORDER)
        return SessionsQuery(start=data["start"], end=data["end"], limit=data["limit"], after=after)
