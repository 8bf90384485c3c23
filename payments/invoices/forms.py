"""The forms of invoices.

What is allowed in them, the API's schemas say.
"""

from __future__ import annotations

from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired

from payments.invoices.schemas import CorrectionSchema, NewInvoiceSchema, SellerDetailsSchema
from web.forms import Lines, SchemaForm


class InvoiceForm(SchemaForm):
    """Which lessons and packages are on an invoice, and who gets it."""

    schema = NewInvoiceSchema()

    booking_ids = SelectMultipleField("Lessons", coerce=int, validate_choice=False)
    package_ids = SelectMultipleField("Packages", coerce=int, validate_choice=False)
    buyer_name = StringField("Name on the invoice")
    buyer_address = Lines("Address on the invoice")


class CorrectionForm(SchemaForm):
    """Why an invoice is taken back."""

    schema = CorrectionSchema()

    reason = StringField("Why?", [InputRequired("Please say why.")])


class SellerForm(SchemaForm):
    """What a teacher wants on their invoices."""

    schema = SellerDetailsSchema()

    name = StringField("Your name or that of your school")
    address = Lines("Your address")
    tax_id = StringField("Tax number")
    note = Lines("At the end of each invoice")
