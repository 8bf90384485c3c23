"""What goes in and out of the API about payments by card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from payments.checkout.models import CheckoutStatus
from web.fields import Choice, IdNumber, StrictSchema


class NewCheckoutSchema(StrictSchema):
    """The lesson or the package that is to be paid by card."""

    EXAMPLE = {"booking_id": 7}

    booking_id = IdNumber(load_default=None)
    package_id = IdNumber(load_default=None)

    @validates_schema
    def _require_one(self, data: Mapping[str, Any], **_: Any) -> None:
        if (data["booking_id"] is None) == (data["package_id"] is None):
            raise ValidationError({"booking_id": ["Name a lesson or a package, and not both."]})


class CheckoutSchema(StrictSchema):
    """A payment by card, for a lesson or for a package.

    While it is `open` its student pays at `url`. `paid` is what the provider has confirmed.
    """

    id = fields.Integer(required=True)
    booking_id = fields.Integer(required=True, allow_none=True)
    package_id = fields.Integer(required=True, allow_none=True)
    amount_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    status = Choice(CheckoutStatus, required=True)
    url = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
