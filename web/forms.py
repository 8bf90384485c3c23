"""Forms whose limits are those of the API's marshmallow schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request
from flask_wtf import FlaskForm
from marshmallow import Schema, ValidationError, fields
from wtforms import IntegerField, StringField, TextAreaField, validators
from wtforms.fields import SelectChoice
from wtforms.widgets import TextInput

from errors import Invalid
from web.fields import flat

_AMOUNT = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?", re.ASCII)


class SchemaForm(FlaskForm):
    """A form that is valid if its `schema` takes what was entered.

    `loaded` is what the schema made of it.
    """

    class Meta(FlaskForm.Meta):
        """What Flask-WTF is told about these forms."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Take what was sent as a form, and nothing that the library would read as JSON."""
            return None if request.is_json else super().wrap_formdata(form, formdata)

    schema: ClassVar[Schema]
    # Which field of the form a message about a field of the schema belongs to, if their names differ.
    fields_of: ClassVar[Mapping[str, str]] = {}

    loaded: Any = None

    def entered(self) -> dict[str, object]:
        """Return what the schema is asked about: what was sent, under the schema's names."""
        return {name: value for name, value in self.data.items() if name != "csrf_token" and value is not None}

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask the fields, then the schema.

        One message for each problem.
        """
        plausible = super().validate(extra_validators)
        try:
            self.loaded = self.schema.load(self.entered())
        except ValidationError as error:
            self.refuse(error.normalized_messages())
            return False
        return bool(plausible)

    def refuse(self, errors: Mapping[str, Any]) -> None:
        """Show errors by the schema's fields beside the form's.

        A field that has one already keeps just that.
        """
        for name, messages in errors.items():
            field = self._fields.get(self.fields_of.get(name, name))
            texts = list(dict.fromkeys(flat(messages)))
            if field is None:
                self.form_errors.extend(texts)
            elif not field.errors:
                field.errors = texts


class Lines(TextAreaField):
    """Text of several lines, with line ends as the API has them."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what browsers send for one character as one."""
        super().process_formdata([text.replace("\r\n", "\n") for text in valuelist])


class Whole(IntegerField):
    """A whole number that people type."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number in plain digits."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text and not re.fullmatch(r"\d{1,9}", text, re.ASCII):
            raise ValueError("Please enter a whole number.")
        self.data = int(text) if text else None


class Amount(StringField):
    """An amount of money that people type as 30, 30.00 or 30,00.

    Its data are cents, `at_most` so many.
    """

    def __init__(self, label: str, checks: Any = None, *, at_most: int, **kwargs: Any) -> None:
        """Bound the amount."""
        super().__init__(label, checks, **kwargs)
        self.at_most = at_most

    def pre_validate(self, form: Any) -> None:
        """Name the bound in whole units, as it is typed.

        The schema would name it in cents.
        """
        if self.data is not None and self.data > self.at_most:
            raise validators.ValidationError(f"The most that is possible is {self.at_most // 100:,}.")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount.

        What groups thousands is not guessed at.
        """
        text = valuelist[0].strip() if valuelist else ""
        match = _AMOUNT.fullmatch(text)
        self.data = None
        if match:
            self.data = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
        elif text:
            raise ValueError("Please write an amount such as 30 or 30.50.")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 100}.{self.data % 100:02}"


def choices(words: Mapping[str, str]) -> list[SelectChoice]:
    """Offer values with what they are called, in this order."""
    return [SelectChoice(value, label) for value, label in words.items()]


def from_address(schema: Schema, *names: str, **fixed: Any) -> Any:
    """Load some of the address's parameters, and `fixed` ones.

    Others and empty ones do not matter to a page.

    Raises Invalid.
    """
    return _load(schema, {name: request.args[name] for name in names if request.args.get(name)} | fixed)


def from_form(schema: Schema, *names: str) -> Any:
    """Load what a button sent along, all values of what is a list.

    Raises Invalid.
    """
    lists = {name for name in names if isinstance(schema.fields.get(name), fields.List)}
    given: dict[str, Any] = {name: request.form[name] for name in names if name in request.form}
    return _load(schema, given | {name: request.form.getlist(name) for name in lists})


def _load(schema: Schema, given: Mapping[str, Any]) -> Any:
    try:
        return schema.load(given)
    except ValidationError as error:
        raise Invalid(error.normalized_messages()) from None
