"""Forms about money.

What is allowed in them, the API's schemas say.
"""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from bookings.schemas import FEE_MAX
from payments.instructions.schemas import InstructionsSchema
from payments.models import PaymentMethod
from payments.schemas import GivenBackSchema, NewPaymentSchema, PaymentDecisionSchema
from web.forms import Amount, Lines, SchemaForm, choices

METHODS = {
    PaymentMethod.BANK_TRANSFER: "Bank transfer",
    PaymentMethod.CASH: "Cash",
    PaymentMethod.MOBILE_MONEY: "Mobile money",
    PaymentMethod.CARD: "Card",
    PaymentMethod.OTHER: "Another way",
}


class PaidForm(SchemaForm):
    """A payment for one lesson, as its student or its teacher reports it."""

    schema = NewPaymentSchema()
    fields_of = {"amount_cents": "amount"}

    # Of the lesson; the page sets them.
    booking_id = 0
    currency = "EUR"

    method = SelectField("How", choices=choices({str(it): word for it, word in METHODS.items()}))
    amount = Amount("Amount", [InputRequired("Please enter the amount.")], at_most=FEE_MAX)
    reference = StringField("Reference", [Optional()])
    advance = BooleanField("It may be more than is open. The rest is kept as credit.")

    def entered(self) -> dict[str, object]:
        """Say it as the API does."""
        found: dict[str, Any] = {
            "booking_id": self.booking_id,
            "currency": self.currency,
            "method": self.method.data,
            "reference": self.reference.data or "",
            "advance": self.advance.data,
        }
        return found | _cents(self.amount)


class GivenBackForm(SchemaForm):
    """What is given back of a payment, or waived of a fee, and why."""

    schema = GivenBackSchema()
    fields_of = {"amount_cents": "amount"}

    amount = Amount("Amount", [InputRequired("Please enter the amount.")], at_most=FEE_MAX)
    reason = StringField("Why?", [InputRequired("Please say why.")])

    def entered(self) -> dict[str, object]:
        """Say it as the API does."""
        return {"reason": self.reason.data or ""} | _cents(self.amount)


class DecisionForm(SchemaForm):
    """Whether a payment has come."""

    schema = PaymentDecisionSchema()

    status = StringField("Answer")
    reason = StringField("Why not?", [Optional()])


class InstructionsForm(SchemaForm):
    """How a teacher wants to be paid."""

    schema = InstructionsSchema()

    text = Lines("In a few words", [Optional()])
    account_holder = StringField("Account holder", [Optional()])
    iban = StringField("IBAN", [Optional()])
    bic = StringField("BIC", [Optional()])


def _cents(field: Amount) -> dict[str, object]:
    # An amount that cannot be read has a message of its own already.
    return {} if field.data is None else {"amount_cents": field.data}
