"""Forms about gigs.

What is allowed in them, the API's schemas say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from wtforms import DateField, DateTimeField, HiddenField, RadioField, SelectField, StringField, TimeField
from wtforms.validators import AnyOf, InputRequired, Optional

from gigs.drafts.texts import fingerprint
from gigs.models import HIGHEST_HOURLY, Confirmation, Enrolment, GigStatus, Times, Visibility
from gigs.schemas import HIGHEST_PRICE, NewGigSchema
from gigs.search.hours import DAYS
from gigs.search.schemas import GigsQuerySchema
from gigs.search.text import key_of
from jsontext import JsonObject
from web.amounts import money
from web.forms import Amount, Lines, SchemaForm, Whole, choices

CURRENCIES = ("EUR", "CHF", "CZK", "DKK", "GBP", "HUF", "NOK", "PLN", "RON", "SEK", "USD", "AUD", "BRL", "CAD", "INR")
CURRENCIES_ELSEWHERE = ("KES", "MXN", "NGN", "NZD", "SGD", "TRY", "ZAR")
_CURRENCIES = {code: code for code in (*CURRENCIES, *CURRENCIES_ELSEWHERE)}

_ENROLMENTS = {str(Enrolment.BOOKING): "They book lessons", str(Enrolment.APPLICATION): "They apply for a place"}
_CONFIRMATIONS = {str(Confirmation.ASK): "You answer each request", str(Confirmation.INSTANT): "It is booked at once"}
_TIMES = {str(Times.OPEN): "At free times", str(Times.TIMETABLE): "In sessions that are set"}
_VISIBILITIES = {
    str(Visibility.PUBLIC): "Everyone",
    str(Visibility.UNLISTED): "Everyone with the link",
    str(Visibility.PRIVATE): "Only you",
}
_ORDERS = {
    "relevance": "Best match",
    "newest": "Newest first",
    "price": "Lowest price for an hour first",
    "-price": "Highest price for an hour first",
    "rating": "Best rated first",
    "popular": "Most booked first",
}
_DAYS = {"": "Any day", "weekdays": "Monday to Friday", "weekend": "Saturday or Sunday"}
_DAYS |= {str(day): f"{day.capitalize()}s" for day in DAYS if day not in _DAYS}
_PARTS_OF_DAY = {
    "": "Any time",
    "morning": "Mornings, 6:00–12:00",
    "afternoon": "Afternoons, 12:00–17:00",
    "evening": "Evenings, 17:00–22:00",
}
# Days that every clock can be set to.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
_RATINGS = {"": "Any", "3": "3 stars or more", "4": "4 stars or more", "5": "5 stars"}


class GigSearchForm(SchemaForm):
    """What the list of gigs can be narrowed to.

    It is sent in the address.
    """

    class Meta:
        csrf = False

    schema = GigsQuerySchema()

    q = StringField("What do you want to learn?")
    category = SelectField("Subject", default="", validate_choice=False)
    skill = StringField("Skill")
    teacher_id = HiddenField()
    day = SelectField("Days", choices=choices(_DAYS), default="", validate_choice=False)
    part_of_day = SelectField("Time of day", choices=choices(_PARTS_OF_DAY), default="", validate_choice=False)
    # A single time, by the reader's clock: the API's `free_at`.
    on = DateField("Free on", [Optional()])
    at = TimeField("At", [Optional()])
    min_rating = SelectField("Rating", choices=choices(_RATINGS), default="", validate_choice=False)
    # Of lessons of any length, as the order and the counts beside the results have it.
    min_hourly = Amount("Price for an hour, from", at_most=HIGHEST_HOURLY)
    max_hourly = Amount("Price for an hour, up to", at_most=HIGHEST_HOURLY)
    sort = SelectField("Sort by", choices=choices(_ORDERS), default="relevance", validate_choice=False)
    currency = SelectField("Currency", default="", validate_choice=False)
    # Where the page begins; it is in the address, but is no filter.
    cursor = HiddenField("Page")

    def offer(self, categories: Iterable[str], currencies: Iterable[str]) -> None:
        """Offer these subjects and currencies, and the chosen one even if it has no gigs (any more)."""
        code = (self.currency.data or "").upper()
        codes = sorted({*currencies, *([code] if code else [])})
        self.currency.choices = choices({"": "Any currency"} | {name: _CURRENCIES.get(name, name) for name in codes})
        chosen = self.category.data or ""
        same = next((name for name in categories if key_of(name) == key_of(chosen)), chosen)
        self.category.data = same
        names = sorted({*categories, *([same] if same else [])}, key=key_of)
        self.category.choices = choices({"": "All subjects"} | {name: name for name in names})

    def hours(self) -> str:
        """Say which hours are chosen, empty if none are."""
        day = _DAYS.get(self.day.data, "") if self.day.data else ""
        part = _PARTS_OF_DAY.get(self.part_of_day.data, "").split(",")[0] if self.part_of_day.data else ""
        return f"{day.removesuffix('s')} {part.lower()}" if day and part else day or part

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a day and an hour together, and for a day of these years."""
        valid = super().validate(extra_validators)
        if self.on.data and not FIRST_DAY <= self.on.data <= LAST_DAY:
            self.refuse({"on": ["Please choose a day of these years."]})
        elif self.on.data and not self.at.data and not self.at.errors:
            self.refuse({"at": ["Please choose an hour as well."]})
        elif self.at.data and not self.on.data and not self.on.errors:
            self.refuse({"on": ["Please choose a day as well."]})
        return valid and not self.errors

    def free_at(self, zone: str) -> datetime | None:
        """Return the chosen time, which is one of this zone's clocks."""
        if not self.on.data or not self.at.data:
            return None
        return datetime.combine(self.on.data, self.at.data, ZoneInfo(zone)).astimezone(UTC)

    def price_words(self) -> str:
        """Say which prices are chosen, as those of a band beside the results or as they were typed."""
        low, high, code = self.min_hourly.data, self.max_hourly.data, (self.currency.data or "").upper()
        if low is None and high is None:
            return f"In {code}"
        if code and low is not None and high is not None and high % 100 == 99:
            return f"{money(low, code)}–{money(high + 1, code)} an hour"
        bounds = [(word, cents) for word, cents in (("from", low), ("up to", high)) if cents is not None]
        said = " ".join(f"{word} {money(cents, code).strip()}" for word, cents in bounds)
        return f"{said[0].upper()}{said[1:]} an hour"

    def entered(self) -> dict[str, object]:
        """Write every filter as the API's address has it, prices in cents."""
        given = {name: value for name, value in super().entered().items() if name not in ("on", "at")}
        return {name: str(value) for name, value in given.items() if value != ""}

    def filters(self) -> dict[str, str]:
        """Return the filters that count, as they stand in the address."""
        fields = (field for field in self if field is not self.cursor)
        texts = {
            field.name: str(field._value() if isinstance(field, Amount | DateTimeField) else field.data or "")
            for field in fields
        }
        good = {name: text.strip() for name, text in texts.items() if not self[name].errors}
        return {name: text for name, text in good.items() if text and (name, text) != ("sort", "relevance")}


class GigForm(SchemaForm):
    """A gig as its teacher writes it."""

    schema = NewGigSchema()
    fields_of = {"price_cents": "price"}

    title = StringField("Title", [InputRequired("Please write a title.")])
    summary = StringField("Summary")
    description = Lines("Description", [InputRequired("Please describe what you offer.")])
    category = StringField("Subject", [InputRequired("Please name a subject.")])
    skills = StringField("Skills")
    price = Amount("Price", [InputRequired("Please name a price.")], at_most=HIGHEST_PRICE)
    currency = SelectField(
        "Currency",
        [InputRequired("Please choose a currency.")],
        choices=choices({"": "Please choose"} | _CURRENCIES),
        default=CURRENCIES[0],
        validate_choice=False,
    )
    enrolment = RadioField("How students take part", choices=choices(_ENROLMENTS), default=Enrolment.BOOKING)
    times = RadioField("When lessons take place", choices=choices(_TIMES), default=Times.OPEN)
    confirmation = RadioField(
        "When a student chooses a time", choices=choices(_CONFIRMATIONS), default=Confirmation.ASK
    )
    duration_minutes = Whole("Minutes", [InputRequired("Please say how long a lesson is.")])
    capacity = Whole("Places", [InputRequired("Please say how many students learn together.")], default=1)
    location = StringField("Place or meeting link")
    schedule_id = SelectField("Hours", default="", validate_choice=False)
    # The version of what was typed that this form shows; 0 if it shows a gig as it is saved.
    typed_version = HiddenField(default="0")
    free_cancellation_hours = Whole("Free until (hours before)", default=0)
    late_cancellation_percent = Whole("After that (percent)", default=0)

    @property
    def version(self) -> int:
        """Return the version of what was typed that the form is based on."""
        text = str(self.typed_version.data or "")
        return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0

    @classmethod
    def of(cls, gig: JsonObject) -> Self:
        """Fill the form with a gig.

        Its currency is on offer, too.
        """
        form = cls(
            data=gig
            | {
                "price": gig["price_cents"],
                "skills": ", ".join(gig["skills"]),
                "schedule_id": gig["schedule_id"] or "",
                "based_on": fingerprint(gig),
            }
        )
        form.offer_currency(gig["currency"])
        return form

    def offer_currency(self, code: str) -> None:
        """Offer a currency, too, that is not among the usual ones."""
        if code not in _CURRENCIES:
            self.currency.choices = [*self.currency.choices, *choices({code: code})]

    def offer_schedules(self, names: Mapping[int, str]) -> None:
        """Offer the teacher's schedules beside their default one."""
        chosen = {str(number): name for number, name in names.items()}
        self.schedule_id.choices = choices({"": "The usual hours"} | chosen)

    def entered(self) -> dict[str, object]:
        """Name the price as the schema does, take the skills apart, and read the number of the schedule."""
        given = {name: value for name, value in super().entered().items() if name != "typed_version"}
        schedule = str(given.pop("schedule_id", ""))
        given["schedule_id"] = int(schedule) if re.fullmatch(r"\d{1,18}", schedule, re.ASCII) else None
        skills = [skill for skill in re.split(r"\s*,\s*", str(given.pop("skills", "")).strip()) if skill]
        price = {"price_cents": given.pop("price")} if "price" in given else {}
        return given | price | {"skills": skills}


# What the editor sends beside the fields of a gig.
_NO_FIELDS = ("visibility", "then", "based_on")


class EditorForm(GigForm):
    """The editor of a gig, with who finds it."""

    visibility = RadioField("Who can see it", choices=choices(_VISIBILITIES))
    # The status that the pressed button leads to; none for the one that only saves.
    then = HiddenField(validators=[Optional(), AnyOf(list(GigStatus), "There is no such button.")])

    # The fingerprint of the gig that the page showed.
    based_on = HiddenField()

    @property
    def status(self) -> GigStatus | None:
        """Return the status that the gig is to have afterwards, if it is to change."""
        return GigStatus(self.then.data) if self.then.data else None

    def entered(self) -> dict[str, object]:
        """Ask the schema about the gig alone."""
        return {name: value for name, value in super().entered().items() if name not in _NO_FIELDS}


# What the buttons of the editor say when they have done their work.
STATUS_SENTENCES = {
    GigStatus.PUBLISHED: "“{title}” is published. Students can ask for lessons now.",
    GigStatus.PAUSED: "“{title}” is paused. It takes no new lessons.",
    GigStatus.ARCHIVED: "“{title}” is archived.",
}
VISIBILITY_SENTENCES = {
    Visibility.PUBLIC: "Everyone can find “{title}” once it is published.",
    Visibility.UNLISTED: "Only people who have the link can see “{title}”.",
    Visibility.PRIVATE: "Only you can see “{title}”.",
}
