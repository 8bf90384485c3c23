"""Forms about bookings; what is allowed in them, the API's schemas and the time zone's rules say."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from wtforms import DateField, TimeField
from wtforms.validators import InputRequired

from bookings.schemas import CreateBookingSchema
from schedule.wall_time import Kind, Resolution, resolve
from web.forms import Lines, SchemaForm


class BookingForm(SchemaForm):
    """A lesson that somebody wants, by the clock on their wall."""

    schema = CreateBookingSchema(only=("note",))
    # The instant is made of both; what is wrong with it stands beside the time.
    fields_of = {"starts_at": "time"}

    date = DateField("Day", [InputRequired("Please choose a day.")], invalid_value_message="There is no such day.")
    time = TimeField("Time", [InputRequired("Please choose a time.")], invalid_value_message="There is no such time.")
    note = Lines("Note")

    def entered(self) -> dict[str, str]:
        """Ask the schema about the note alone."""
        return {"note": self.note.data or ""}

    def resolve(self, zone: str) -> Resolution | None:
        """Find the instant that was meant; None, with an error beside the time, if the clocks skip it."""
        found = resolve(datetime.combine(self.date.data, self.time.data), ZoneInfo(zone))
        if found.kind != Kind.GAP:
            return found
        self.refuse({"starts_at": [_skipped(self.time.data.strftime("%H:%M"), self.date.data, found.local)]})
        return None


def _skipped(asked: str, day: object, exists: datetime) -> str:
    following = f"{exists:%H:%M}" if exists.date() == day else f"{exists:%H:%M} on {exists:%A} {exists.day} {exists:%B}"
    return f"There is no {asked} on this day, because the clocks are put forward. The next time is {following}."
