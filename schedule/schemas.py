"""What goes in and out of the API about a teacher's time.

Availability is also stored in the form of its schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from jsontext import dumps, loads
from schedule.models import LONGEST_NAME, Hours
from schedule.times.intervals import LONGEST_RANGE
from schedule.times.rules import HORIZON_DAYS, AvailabilityDocument, ExceptionalDay, Weekday
from web.fields import (
    FIRST_YEAR,
    LAST_YEAR,
    Choice,
    InstantInReach,
    Line,
    QueryId,
    QueryInstant,
    StrictSchema,
    TimeZoneName,
    WholeNumber,
)
from web.pagination import PageSchema

# More than a teacher needs, and little enough to be computed with.
MOST_WINDOWS, MOST_WINDOWS_A_DAY, MOST_EXCEPTIONS, MOST_TIME_OFF = 168, 24, 1000, 500
LONGEST_BUFFER = 24 * 60
SHORTEST_STEP, LONGEST_STEP = 5, 480
MOST_LESSONS = 1000

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class ClockTime(fields.String):
    """A time by the clock on the wall, such as "09:00".

    Where something ends, "24:00" as well.
    """

    def __init__(self, *, ends: bool = False, **kwargs: Any) -> None:
        """Take 24:00 where something `ends`."""
        clock = "([01][0-9]|2[0-3]):[0-5][0-9]"
        super().__init__(metadata={"pattern": f"^({clock}|24:00)$" if ends else f"^{clock}$"}, **kwargs)
        self._ends = ends

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, str) and (_CLOCK.fullmatch(value) or (self._ends and value == "24:00")):
            return value
        raise ValidationError('Give a time such as "09:00".')


class DayField(fields.String):
    """A day, such as "2027-03-28", of the years 2000 to 2100."""

    def __init__(self, **kwargs: Any) -> None:
        """Name the format."""
        super().__init__(metadata={"format": "date"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise ValidationError('Give a date such as "2027-03-28".')
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise ValidationError("There is no such day.") from None
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValidationError(f"Give a day of the years {FIRST_YEAR} to {LAST_YEAR}.")
        return found.isoformat()


def _at_most(number: int) -> validate.Length:
    return validate.Length(max=number, error=f"At most {number:,}.")


def _each_date_once(rows: list[ExceptionalDay]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row["date"] in seen:
            raise ValidationError(f"Give each date once; {row['date']} is there several times.")
        seen.add(row["date"])


def _few_in_all(rows: list[ExceptionalDay]) -> None:
    """Bound the number of days and times in all."""
    # Many days with many times each would slow down every search that meets them.
    if sum(max(1, len(row["windows"])) for row in rows) > MOST_EXCEPTIONS:
        raise ValidationError(f"At most {MOST_EXCEPTIONS:,} days and times in all.")


class WindowSchema(StrictSchema):
    """Some time of a day by the teacher's clock.

    An end that is not after its start belongs to the next day.
    """

    start = ClockTime(required=True)
    end = ClockTime(required=True, ends=True)


class WeeklyWindowSchema(WindowSchema):
    """The same every week."""

    weekday = Choice(Weekday, required=True)


class ExceptionSchema(StrictSchema):
    """What holds on one date instead of its weekday's windows.

    Without windows it is a day off.
    """

    date = DayField(required=True)
    windows = fields.List(fields.Nested(WindowSchema), load_default=list, validate=_at_most(MOST_WINDOWS_A_DAY))


class TimeOffSchema(StrictSchema):
    """Some time in which there are no lessons, on whole seconds."""

    start = InstantInReach(data_key="from", required=True)
    end = InstantInReach(data_key="to", required=True)

    @post_load
    def _as_text(self, data: dict[str, datetime], **_: Any) -> Any:
        for name, instant in (("from", data["start"]), ("to", data["end"])):
            if instant.microsecond:
                raise ValidationError({name: ["Give a whole second."]})
        if data["start"] >= data["end"]:
            raise ValidationError({"from": ["This has to be before `to`."]})
        return loads(dumps({"from": data["start"], "to": data["end"]}))


class AvailabilitySchema(StrictSchema):
    """When a teacher can be booked.

    What is left out has its default. `weekly` null: every whole minute can be booked, except where exceptions and the
    rest say otherwise. Time off, breaks and limits are those of a person: what one schedule says about them counts for
    all lessons of its teacher.
    """

    EXAMPLE = {
        "weekly": [{"weekday": "monday", "start": "09:00", "end": "17:00"}],
        "exceptions": [{"date": "2027-03-29", "windows": []}],
        "minimum_notice_minutes": 720,
    }

    weekly = fields.List(
        fields.Nested(WeeklyWindowSchema), allow_none=True, load_default=list, validate=_at_most(MOST_WINDOWS)
    )
    exceptions = fields.List(
        fields.Nested(ExceptionSchema),
        load_default=list,
        validate=[_at_most(MOST_EXCEPTIONS), _each_date_once, _few_in_all],
    )
    time_off = fields.List(fields.Nested(TimeOffSchema), load_default=list, validate=_at_most(MOST_TIME_OFF))
    buffer_before_minutes = WholeNumber(at_least=0, at_most=LONGEST_BUFFER, load_default=0)
    buffer_after_minutes = WholeNumber(at_least=0, at_most=LONGEST_BUFFER, load_default=0)
    minimum_notice_minutes = WholeNumber(at_least=0, at_most=HORIZON_DAYS * 24 * 60, load_default=0)
    horizon_days = WholeNumber(at_least=1, at_most=HORIZON_DAYS, load_default=HORIZON_DAYS)
    max_per_day = WholeNumber(at_least=1, at_most=MOST_LESSONS, allow_none=True, load_default=None)
    max_per_week = WholeNumber(at_least=1, at_most=MOST_LESSONS, allow_none=True, load_default=None)
    slot_step_minutes = WholeNumber(at_least=SHORTEST_STEP, at_most=LONGEST_STEP, allow_none=True, load_default=None)


class HoursSchema(AvailabilitySchema):
    """The default schedule.

    Without a zone its hours stay in the one that they are in.
    """

    time_zone = TimeZoneName(load_default=None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        about = {field: data.pop(field) for field in ("name", "time_zone") if field in data}
        return Hours(rules=cast("AvailabilityDocument", data), **about)


class NewScheduleSchema(HoursSchema):
    """A new schedule, under a name that only its teacher sees.

    Without a zone its hours are in that of the teacher's profile.
    """

    EXAMPLE = {"name": "School", "time_zone": "Europe/Berlin", **AvailabilitySchema.EXAMPLE}

    name = Line(at_least=1, at_most=LONGEST_NAME, required=True)


class EditScheduleSchema(HoursSchema):
    """A schedule as it is to be from now on.

    Without a name or a zone these two stay as they are.
    """

    EXAMPLE = NewScheduleSchema.EXAMPLE

    name = Line(at_least=1, at_most=LONGEST_NAME, load_default=None)


class ShownAvailabilitySchema(AvailabilitySchema):
    """The default schedule, with the zone of its hours."""

    time_zone = fields.String(required=True)


class OwnScheduleSchema(ShownAvailabilitySchema):
    """A schedule.

    The `default` one is that of gigs for which none was chosen.
    """

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    default = fields.Boolean(required=True)


class OutsideSchema(StrictSchema):
    """What new hours leave to be decided."""

    # The ids of active lessons to come that the hours do not cover.
    outside = fields.List(fields.Integer(), required=True)


class ReplacedAvailabilitySchema(ShownAvailabilitySchema, OutsideSchema):
    """The default schedule as it is now, and the lessons that it does not cover."""


class ReplacedScheduleSchema(OwnScheduleSchema, OutsideSchema):
    """A schedule as it is now, and the lessons that it does not cover."""


class SchedulesPageSchema(PageSchema):
    """A teacher's schedules, the default one first, all in one page."""

    data = fields.List(fields.Nested(OwnScheduleSchema), required=True)


class SchedulePageSchema(StrictSchema):
    """Which schedule a page is about."""

    schedule = QueryId(load_default=None)


class RangeQuery(StrictSchema):
    """A range of instants that is neither empty nor too long.

    `from` is part of it, `to` is not.
    """

    start = QueryInstant(data_key="from", required=True)
    end = QueryInstant(
        data_key="to", required=True, metadata={"description": f"At most {LONGEST_RANGE.days} days after `from`."}
    )

    @validates_schema
    def _range_is_short(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["start"] >= data["end"]:
            raise ValidationError("This has to be before `to`.", "from")
        if data["end"] - data["start"] > LONGEST_RANGE:
            raise ValidationError(f"Ask for at most {LONGEST_RANGE.days} days at once.", "to")
