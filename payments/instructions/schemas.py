"""What goes in and out of the API about how a teacher wants to be paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from payments.instructions.accounts import compact, is_bic, is_iban
from payments.instructions.models import Instructions
from web.fields import Line, StrictSchema, Text

LONGEST_TEXT, LONGEST_HOLDER = 1_000, 70


class AccountNumber(Line):
    """A number of a bank, which may be typed with blanks and in small letters."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return compact(super()._deserialize(value, attr, data, **kwargs))


class InstructionsSchema(StrictSchema):
    """How a teacher wants to be paid.

    An account has a holder and an IBAN; it is what a transfer's QR code is made of.
    """

    EXAMPLE = {
        "text": "By transfer within a week, or in cash at the lesson.",
        "account_holder": "Ada Lovelace",
        "iban": "DE89 3704 0044 0532 0130 00",
        "bic": "",
    }
    MAKES = Instructions

    text = Text(at_most=LONGEST_TEXT, load_default="")
    account_holder = Line(at_most=LONGEST_HOLDER, load_default="")
    iban = AccountNumber(at_most=50, load_default="")
    bic = AccountNumber(at_most=20, load_default="")

    @validates_schema
    def _check_account(self, data: Mapping[str, Any], **_: Any) -> None:
        errors = {}
        if data["iban"] and not is_iban(data["iban"]):
            errors["iban"] = ["This is no IBAN: please compare it with your bank's. One character may be wrong."]
        if data["bic"] and not is_bic(data["bic"]):
            errors["bic"] = ["A BIC has 8 or 11 letters and digits."]
        if data["iban"] and not data["account_holder"]:
            errors["account_holder"] = ["Say whose account it is."]
        if (data["bic"] or data["account_holder"]) and not data["iban"]:
            errors["iban"] = ["Give the IBAN of the account, too."]
        if errors:
            raise ValidationError(errors)
