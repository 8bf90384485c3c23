"""Fields for marshmallow schemas that take nothing on trust.

They are strict JSON types, trimmed text and instants with a zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from unicodedata import category
from zoneinfo import available_timezones

from babel.core import get_global
from babel.numbers import get_territory_currencies
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from database import MAX_ID

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
# Nobody plans beyond these years, and what is computed with them stays within the calendar.
FIRST_YEAR, LAST_YEAR = 2000, 2100
# Control and format characters, unknown ones of private use, ends of lines and paragraphs.
_UNSEEN = {"Cc", "Cf", "Co", "Zl", "Zp"}
# These two format characters belong to the spelling of names in Persian and in languages of India.
_JOINERS = "\u200c\u200d"
# Letters and symbols that show nothing: the fillers of Hangul, and an empty pattern of Braille.
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"
# The tzdata package and the system may list links and files that are no zones.
TIME_ZONES = frozenset(available_timezones()) - {"localtime", "Factory"}
# What is legal tender somewhere today; ISO 4217 also lists metals, funds and codes for tests.
CURRENCIES = frozenset(
    code for territory in get_global("territory_currencies") for code in get_territory_currencies(territory)
)


class StrictSchema(Schema):
    """Base of all schemas: an unknown field is an error."""

    class Meta:
        unknown = RAISE

    # The dataclass that is made of what was loaded; without one it stays a dictionary.
    MAKES: ClassVar[Callable[..., Any] | None] = None
    # Whether an answer of this kind is a row of a table by itself, for `web/csv_lists.py`.
    ONE_ROW: ClassVar[bool] = False

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> Any:
        return data if self.MAKES is None else self.MAKES(**data)


def flat(messages: Any) -> Iterator[str]:
    """List the messages of a field, those about items of a list just the same."""
    if isinstance(messages, str):
        yield messages
    else:
        for message in messages.values() if isinstance(messages, Mapping) else messages:
            yield from flat(message)


def length(at_least: int, at_most: int) -> validate.Length:
    """Bound a text's length, and say so in words for people."""
    words = f"{at_least} to {at_most:,}" if at_least else f"at most {at_most:,}"
    return validate.Length(at_least or None, at_most, error=f"Use {words} characters.")


class Text(fields.String):
    """Trimmed text of at least `at_least` and at most `at_most` characters.

    NUL and lone surrogates are refused.
    """

    def __init__(self, *, at_least: int = 0, at_most: int, **kwargs: Any) -> None:
        """Bound the length, which is counted after trimming."""
        super().__init__(validate=length(at_least, at_most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("This text contains a character that cannot be stored.")
        return text.strip()


class Line(Text):
    """Text of one line without characters that hide what it says.

    It has no control characters, and none that turn the direction of writing. If there has to be any text at all, some
    of it has to be seen.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if any(category(character) in _UNSEEN and character not in _JOINERS for character in text):
            raise ValidationError("This text contains a character that cannot be seen.")
        if text and not any(_is_seen(character) for character in text):
            raise ValidationError("Nothing of this text can be seen.")
        return text


def _is_seen(character: str) -> bool:
    return category(character)[0] in "LNPS" and character not in _BLANK


class Choice(fields.String):
    """One of a few words.

    What is loaded is the member of the enumeration that has it.
    """

    def __init__(self, choices: type[StrEnum] | Sequence[str], **kwargs: Any) -> None:
        """Accept the members of an enumeration, or the listed words."""
        self._meant = {str(choice): choice for choice in choices}
        error = f"Must be one of: {', '.join(self._meant)}."
        super().__init__(validate=validate.OneOf([*self._meant], error=error), **kwargs)

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Check the word, then return the member that it means."""
        word = super().deserialize(value, attr, data, **kwargs)
        return self._meant.get(word, word) if isinstance(word, str) else word


def _range(at_least: int, at_most: int) -> validate.Range:
    return validate.Range(at_least, at_most, error=f"Choose a number from {at_least:,} to {at_most:,}.")


class WholeNumber(fields.Integer):
    """A JSON integer, also written as 1.0.

    Neither a string nor a boolean nor a fraction will do.
    """

    def __init__(self, *, at_least: int, at_most: int, **kwargs: Any) -> None:
        """Bound the value, both ends included."""
        super().__init__(strict=True, validate=_range(at_least, at_most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        # JSON has one kind of number, and by JSON Schema 1.0 is an integer.
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        return super()._deserialize(whole, attr, data, **kwargs)


class IdNumber(WholeNumber):
    """An id in a JSON body."""

    def __init__(self, **kwargs: Any) -> None:
        """Accept positive 63-bit integers."""
        super().__init__(at_least=1, at_most=MAX_ID, **kwargs)


class Flag(fields.Boolean):
    """A JSON boolean.

    What only looks like one is refused.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class TrueField(fields.Boolean):
    """The JSON value `true`: what has been read cannot become unread."""

    def __init__(self, **kwargs: Any) -> None:
        """Say so in the document."""
        super().__init__(metadata={"const": True}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if value is not True:
            raise ValidationError("Only true is possible.")
        return True


class QueryNumber(fields.Integer):
    """A whole number in a query string, in plain ASCII digits."""

    def __init__(self, *, at_least: int, at_most: int, **kwargs: Any) -> None:
        """Bound the value, both ends included."""
        super().__init__(validate=_range(at_least, at_most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not isinstance(value, str) or not _WHOLE.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class QueryId(QueryNumber):
    """An id in a query string."""

    def __init__(self, **kwargs: Any) -> None:
        """Accept positive 63-bit integers."""
        super().__init__(at_least=1, at_most=MAX_ID, **kwargs)


class InstantField(fields.AwareDateTime):
    """An RFC 3339 time with its offset or `Z`.

    It is converted to UTC. A time without a zone is refused.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not _RFC3339.fullmatch(value):
            raise ValidationError("Give an RFC 3339 time with its zone, such as 2026-12-01T17:00:00Z.")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError("There is no such time.") from None


class InstantInReach(InstantField):
    """An instant of the years 2000 to 2100, which the clocks of all zones can show."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        instant = super()._deserialize(value, attr, data, **kwargs)
        if not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise ValidationError(f"Give a time of the years {FIRST_YEAR} to {LAST_YEAR}.")
        return instant


class QueryInstant(InstantField):
    """The same in a query string, where an unescaped `+` has become a blank."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if isinstance(value, str):
            value = re.sub(r" (?=\d\d:\d\d$)", "+", value)
        return super()._deserialize(value, attr, data, **kwargs)


class _Listed(fields.String):
    """One of many words, too many to list them in a message or in the document."""

    def __init__(self, words: frozenset[str], message: str, **kwargs: Any) -> None:
        """Take one of `words`.

        `message` says what would be one.
        """
        super().__init__(**kwargs)
        self._words, self._message = words, message

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self._words:
            raise ValidationError(self._message)
        return value


class TimeZoneName(_Listed):
    """The name of an IANA time zone."""

    def __init__(self, **kwargs: Any) -> None:
        """Accept what the zone database lists."""
        super().__init__(TIME_ZONES, "Give an IANA time zone, such as Europe/Berlin.", **kwargs)


class Currency(_Listed):
    """The ISO 4217 code of money that is legal tender today."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """Accept what Babel lists."""
        shape = {"pattern": "^[A-Z]{3}$", "description": "The ISO 4217 code of a currency that is in use."}
        words = "Give the code of a currency in use, such as EUR."
        super().__init__(CURRENCIES, words, metadata=shape | dict(metadata or {}), **kwargs)
