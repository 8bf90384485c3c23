"""What goes in and out of the API about payments by card."""

from __future__ import annotations

from marshmallow import fields

from payments.checkout.models import CheckoutStatus
from web.fields import Choice, IdNumber, StrictSchema


class NewCheckoutSchema(StrictSchema):
    """The lesson that is to be paid by card."""

    EXAMPLE = {"booking_id": 7}

    booking_id = IdNumber(required=True)


class CheckoutSchema(StrictSchema):
    """A payment by card.

    While it is `open` its student pays at `url`. `paid` is what the provider has confirmed.
    """

    id = fields.Integer(required=True)
    booking_id = fields.Integer(required=True)
    amount_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    status = Choice(CheckoutStatus, required=True)
    url = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
