"""Forms about bookings.

What is allowed in them, the API's schemas and the time zone's rules say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateField, RadioField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional, StopValidation

from accounts.actors import Actor
from bookings.rules.agreement import TERMS, seen_in
from bookings.schemas import LessonSchema, NewTimeSchema, SeenFormSchema
from bookings.series.plan import MOST
from errors import PriceChanged, SlotTaken, SlotUnavailable, StudentBusy
from schedule.times.wall_time import Kind, local_day, resolve
from web.amounts import money
from web.forms import Lines, SchemaForm, Whole, choices, from_form

# What the choice among the listed times says if none of them is wanted.
OTHER = "other"
DAYS_OF_WEEK = 7


class _TypedTime:
    """Validator: the field may be empty if a time of the list is chosen.

    If another time is typed, it has to be there.
    """

    def __init__(self, message: str) -> None:
        self._message = message

    def __call__(self, form: Any, field: Any) -> None:
        if form.is_listed or not form.is_typed:
            field.errors = []
            raise StopValidation
        if not (field.raw_data and field.raw_data[0]):
            raise StopValidation(self._message)


class TimeForm(SchemaForm):
    """A time, chosen from a list or typed in the user's own time zone.

    `templates/macros/times.html` shows it.
    """

    # The list's choice: an instant, or OTHER.
    starts_at = StringField("When")
    date = DateField("Day", [_TypedTime("Please choose a day.")], invalid_value_message="There is no such day.")
    time = TimeField("Time", [_TypedTime("Please choose a time.")], invalid_value_message="There is no such time.")

    @property
    def is_listed(self) -> bool:
        """Tell whether a time of the list is chosen."""
        return self.starts_at.data not in (None, "", OTHER)

    @property
    def is_typed(self) -> bool:
        """Tell whether another time is wanted: that is chosen, or something is typed and nothing chosen."""
        typed = any(field.raw_data and field.raw_data[0] for field in (self.date, self.time))
        return not self.is_listed and (self.starts_at.data == OTHER or typed)

    def entered(self) -> dict[str, Any]:
        """Ask the schema about all but the time, and about that only if it is a listed one."""
        given = {name: value for name, value in super().entered().items() if name not in ("date", "time", "starts_at")}
        return given | ({"starts_at": self.starts_at.data} if self.is_listed else {})

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a time if there is none at all."""
        valid = super().validate(extra_validators)
        if self.is_listed or self.is_typed:
            return valid
        self.starts_at.errors = ["Please choose a time."]
        return False

    def refuse(self, errors: Mapping[str, Any]) -> None:
        """Show what is wrong with the time where it was chosen."""
        where = "time" if self.is_typed else "starts_at"
        super().refuse({where if name == "starts_at" else name: messages for name, messages in errors.items()})

    def resolve(self, zone: str) -> datetime | None:
        """Find the instant that was meant, of two the earlier.

        None, with an error, if the clocks skip it.
        """
        if self.is_listed:
            chosen: datetime = self.loaded["starts_at"]
            return chosen
        found = resolve(datetime.combine(self.date.data, self.time.data), ZoneInfo(zone))
        if found.kind != Kind.GAP:
            return found.instant
        self.refuse({"starts_at": [_skipped(self.time.data.strftime("%H:%M"), self.date.data, found.local)]})
        return None


class BookingForm(TimeForm):
    """A lesson that a student asks for."""

    schema = LessonSchema(only=("starts_at", "note"), partial=("starts_at",))

    note = Lines("Note")
    # How often, every week, or until which day; once if neither is entered.
    weeks = Whole(
        "Lessons",
        [Optional(), NumberRange(1, MOST, f"Please enter a number from 1 to {MOST}.")],
        default=1,
    )
    until = DateField("or until", [Optional()], invalid_value_message="There is no such day.")

    @property
    def repeats(self) -> bool:
        """Tell whether more than one lesson is wanted, or may be."""
        return self.weeks.data != 1 or bool(self.until.raw_data and self.until.raw_data[0]) or bool(self.weeks.errors)

    def entered(self) -> dict[str, Any]:
        """Ask the schema about the first lesson alone."""
        return {name: value for name, value in super().entered().items() if name not in ("weeks", "until")}

    def lessons(self, first: datetime, zone: str) -> int:
        """Count the weekly lessons from the first one on, in the zone in which the last day was entered.

        There are never more than a series may have.
        """
        if self.until.data is None:
            return int(self.weeks.data or 1)
        days = (self.until.data - local_day(first, ZoneInfo(zone))).days
        return int(min(max(days // DAYS_OF_WEEK + 1, 1), MOST))


class MoveForm(TimeForm):
    """Another time for a lesson, and maybe for the later ones of its series."""

    schema = NewTimeSchema()

    reason = StringField("Reason")
    rest = RadioField(
        "Which lessons", default="", choices=choices({"": "Only this one", "rest": "This one and all later ones"})
    )

    def entered(self) -> dict[str, Any]:
        """Ask the schema about the lesson alone."""
        return {name: value for name, value in super().entered().items() if name != "rest"}


class ProposalForm(TimeForm):
    """A lesson that a teacher proposes.

    Its time is always typed.
    """

    schema = LessonSchema(only=("gig_id", "starts_at", "note"), partial=("starts_at",))

    gig_id = SelectField(
        "Gig",
        [InputRequired("Please choose a gig.")],
        coerce=lambda chosen: int(chosen) if chosen else None,
        invalid_choice_message="Please choose a gig.",
    )
    note = Lines("Note")

    def offer(self, gigs: Mapping[int, str]) -> None:
        """Offer these gigs, by id."""
        # Browsers take a first choice without a value for none at all, and so can say that one is missing.
        named = {str(gig_id): title for gig_id, title in gigs.items()}
        self.gig_id.choices = choices({"": "Please choose"} | named) if gigs else []


ANOTHER_FEE = "What this costs is not what the page said. Nothing has been changed; below is how things stand now."


def seen_in_form() -> dict[str, object]:
    """Return the price and the terms that the form was shown with.

    Raises Invalid.
    """
    return seen_in(from_form(SeenFormSchema(), *(f"seen_{name}" for name in TERMS)))


def new_price(error: PriceChanged) -> str:
    """Say what a lesson costs by now, and that nothing was asked for."""
    now = error.current
    price = f"{money(now['price_cents'], now['currency'])} for {now['duration_minutes']} minutes"
    return (
        f"The price or the terms have changed since you opened the page. A lesson costs {price} now; what cancelling "
        "costs stands beside it. You have not asked for it yet."
    )


def why_not_moved(error: SlotTaken | SlotUnavailable, booking: Mapping[str, Any], viewer: Actor) -> str:
    """Tell one of a lesson's people, or an administrator, why it cannot be at this time."""
    if viewer.id == booking["student"]["id"]:
        return why_not(error)
    if isinstance(error, SlotTaken):
        # When a student has lessons with others is their own business.
        teacher = "you" if viewer.id == booking["teacher"]["id"] else booking["teacher"]["name"]
        return f"{booking['student']['name']} or {teacher} cannot at this time. Please choose another one."
    return "This time is not among those that can be booked. Please choose another one."


def why_not(error: SlotTaken | SlotUnavailable) -> str:
    """Say to a student, or to an administrator, why this time cannot be had."""
    if isinstance(error, StudentBusy):
        return "There is another lesson of yours at this time. Please choose another time."
    if isinstance(error, SlotTaken):
        return "Somebody was faster: this time is taken. Please choose another one."
    return "The teacher does not offer this time. Please choose another one."


def _skipped(asked: str, day: object, exists: datetime) -> str:
    following = f"{exists:%H:%M}" if exists.date() == day else f"{exists:%H:%M} on {exists:%A} {exists.day} {exists:%B}"
    return f"There is no {asked} on this day, because the clocks are put forward. The next time is {following}."
