"""The form about availability.

Its rows come and go, so they are kept as what was typed into them. What is allowed in them, the API's schema says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

from schedule.availability_sheet import COLUMNS, Row, Sheet, tidy
from schedule.models import LONGEST_NAME, Hours
from schedule.schemas import AvailabilitySchema
from schedule.times.rules import AvailabilityDocument
from web.fields import TIME_ZONES
from web.forms import SchemaForm, Whole, choices
from web.zones import ZoneField

HOURS, ANY_TIME = "hours", "any"
# Minutes, by what people call them.
_UNITS = {"1": "minutes", "60": "hours", "1440": "days"}
_NUMBERS = ("buffer_before_minutes", "buffer_after_minutes", "horizon_days")
_NUMBERS_OR_NOTHING = ("max_per_day", "max_per_week", "slot_step_minutes")


class AvailabilityForm(SchemaForm):
    """When a teacher can be booked.

    The numbers are fields, the times are the rows of a `sheet`.
    """

    schema = AvailabilitySchema()
    fields_of = {"minimum_notice_minutes": "notice"}

    name = StringField("Name", [Length(max=LONGEST_NAME, message=f"Use at most {LONGEST_NAME} characters.")])
    time_zone = ZoneField("Time zone", [Optional()])
    mode = RadioField("When can students book you?", choices=choices({HOURS: "At set times", ANY_TIME: "At any time"}))
    buffer_before_minutes = Whole("Break before a lesson")
    buffer_after_minutes = Whole("Break after a lesson")
    notice = Whole("Notice")
    notice_unit = SelectField("Unit of the notice", choices=choices(_UNITS))
    horizon_days = Whole("Days ahead")
    max_per_day = Whole("Lessons a day")
    max_per_week = Whole("Lessons a week")
    slot_step_minutes = Whole("Minutes between starts")

    sheet: Sheet

    @classmethod
    def of(cls, stored: AvailabilityDocument, time_zone: str, name: str = "") -> AvailabilityForm:
        """Fill the form with what is stored, or with what was sent."""
        notice = stored["minimum_notice_minutes"]
        unit = next(unit for unit in reversed(_UNITS) if notice % int(unit) == 0) if notice else "60"
        numbers = {name: value for name, value in stored.items() if name in (*_NUMBERS, *_NUMBERS_OR_NOTHING)}
        mode = ANY_TIME if stored["weekly"] is None else HOURS
        about = {"name": name, "time_zone": time_zone, "mode": mode}
        form = cls(data=numbers | about | {"notice": notice // int(unit), "notice_unit": unit})
        form.sheet = Sheet(stored, ZoneInfo(time_zone))
        if form.is_submitted():
            form.sheet.type(request.form)
            if form.time_zone.data in TIME_ZONES:
                form.sheet.zone = ZoneInfo(form.time_zone.data)
        return form

    @property
    def hours(self) -> Hours:
        """Return what was entered, in order, with what overlaps as one."""
        name, zone = (self.name.data or "").strip(), self.time_zone.data
        return Hours(rules=tidy(self.loaded), name=name or None, time_zone=zone or None)

    def entered(self) -> dict[str, object]:
        """Put the document together.

        What is left empty has its default.
        """
        numbers = {name: self[name].data for name in (*_NUMBERS, *_NUMBERS_OR_NOTHING)}
        document = {name: number for name, number in numbers.items() if number is not None} | self.sheet.document()
        if self.mode.data == ANY_TIME:
            document["weekly"] = None
        if self.notice.data is not None and self.notice_unit.data in _UNITS:
            document["minimum_notice_minutes"] = self.notice.data * int(self.notice_unit.data)
        return document

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask the rows as well."""
        return super().validate(extra_validators) and not self.sheet.has_problems

    def refuse(self, errors: Mapping[str, Any]) -> None:
        """Show errors about rows beside the rows."""
        super().refuse(self.sheet.refuse(errors))

    @property
    def problems(self) -> list[tuple[str, str]]:
        """List what is wrong with rows, each with the id of its row."""
        return list(self._problems())

    def _problems(self) -> Iterator[tuple[str, str]]:
        for group in COLUMNS:
            for number, row in enumerate(self.sheet.rows[group]):
                if row.errors:
                    yield f"{group}-{number}", f"{_name_of(group, row)}: {' '.join(row.messages)}"


def _name_of(group: str, row: Row) -> str:
    if group in ("time_off", "holidays"):
        return "Time off" if group == "time_off" else "Days off"
    return f"Other days, {row.cells['date'] or 'without a date'}" if group == "exceptions" else group.title()
