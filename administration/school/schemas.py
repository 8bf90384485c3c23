"""What goes in and out about the school's settings."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields

from school.colours import ENOUGH, PAPER, contrast, is_readable
from school.models import Registration, SchoolSettings, Teaching
from web.fields import Choice, Currency, Line, StrictSchema, TimeZoneName

_LINK = re.compile(r"https?://[^\s/?#]+\.?[^\s]*", re.ASCII | re.IGNORECASE)
LONGEST_LINK = 500


class ColourField(fields.String):
    """A colour as `#rrggbb`, dark enough to be read on paper."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValidationError("Give a colour such as #0f6b63.")
        if not is_readable(value):
            raise ValidationError(
                f"This colour is too light to be read: its contrast is {contrast(value, PAPER):.1f}, and {ENOUGH} is"
                " needed. Choose a darker one."
            )
        return value.lower()


class LinkField(Line):
    """The address of a page, on any website."""

    def __init__(self, **kwargs: Any) -> None:
        """Bound the length."""
        super().__init__(at_most=LONGEST_LINK, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[arg-type]
        if not _LINK.fullmatch(text):
            raise ValidationError("Give an address that begins with https://.")
        return text


class SchoolSchema(StrictSchema):
    """The school's settings.

    What is left out is as if nothing had been chosen.
    """

    EXAMPLE = {
        "name": "Harbour School of Music",
        "accent_colour": "#1d4f91",
        "imprint_url": "https://www.example.org/imprint",
        "privacy_url": "https://www.example.org/privacy",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "registration": "open",
        "teaching": "approved",
    }
    MAKES = SchoolSettings

    name = Line(at_least=1, at_most=80, required=True)
    accent_colour = ColourField(load_default=None, allow_none=True)
    imprint_url = LinkField(load_default=None, allow_none=True)
    privacy_url = LinkField(load_default=None, allow_none=True)
    currency = Currency(load_default="EUR")
    time_zone = TimeZoneName(load_default="UTC")
    registration = Choice(Registration, load_default=Registration.OPEN)
    teaching = Choice(Teaching, load_default=Teaching.OPEN)


class ShownSchoolSchema(SchoolSchema):
    """The school's settings, and where its logo is."""

    EXAMPLE = SchoolSchema.EXAMPLE | {"logo": "/school/logo-0123456789abcdef0123456789abcdef"}

    logo = fields.String(
        required=True, allow_none=True, metadata={"description": "The path of the logo. Another logo has another path."}
    )
