"""What goes in and out of the API about invoices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from bookings.schemas import ReferenceSchema
from payments.invoices.models import NewInvoice, SellerDetails
from payments.invoices.queries import InvoicesQuery
from payments.schemas import LONGEST_REASON
from web.fields import IdNumber, Line, QueryId, QueryInstant, StrictSchema, Text
from web.pagination import PageQuery, PageSchema

# Of lessons and packages together.
MOST_LINES = 100
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_TAX_ID, LONGEST_NOTE = 120, 500, 60, 500


class NewInvoiceSchema(StrictSchema):
    """Lessons and packages of one student that are to be on one invoice.

    Each lesson has ended or was paid, each package was paid. `buyer_name` and `buyer_address` are those of whoever
    pays, if it is not the student.
    """

    EXAMPLE = {"booking_ids": [7, 8], "buyer_name": "Ada's Parents", "buyer_address": "St James's Square 12\nLondon"}

    booking_ids = fields.List(IdNumber(), load_default=list)
    package_ids = fields.List(IdNumber(), load_default=list)
    buyer_name = Line(at_most=LONGEST_NAME, load_default="")
    buyer_address = Text(at_most=LONGEST_ADDRESS, load_default="")

    @validates_schema
    def _require_sense(self, data: Mapping[str, Any], **_: Any) -> None:
        named = [data["booking_ids"], data["package_ids"]]
        if not 1 <= sum(map(len, named)) <= MOST_LINES:
            raise ValidationError({"booking_ids": [f"Name 1 to {MOST_LINES} lessons and packages."]})
        if any(len(ids) != len({*ids}) for ids in named):
            raise ValidationError({"booking_ids": ["Name each lesson and each package once."]})

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> NewInvoice:
        ids = {name: tuple(data[name]) for name in ("booking_ids", "package_ids")}
        return NewInvoice(**{**data, **ids})


class CorrectionSchema(StrictSchema):
    """Why an invoice is taken back."""

    EXAMPLE = {"reason": "The lesson was shorter."}

    reason = Text(at_least=1, at_most=LONGEST_REASON, required=True)


class SellerDetailsSchema(StrictSchema):
    """What a teacher wants on their invoices.

    `name` takes the place of the name that students know. `note` stands at the end: about VAT, or how to pay.
    """

    EXAMPLE = {
        "name": "Grace Hopper Piano School",
        "address": "Main Street 1\n12345 Arlington",
        "tax_id": "DE 123 456 789",
        "note": "No VAT is charged.",
    }
    MAKES = SellerDetails

    name = Line(at_most=LONGEST_NAME, load_default="")
    address = Text(at_most=LONGEST_ADDRESS, load_default="")
    tax_id = Line(at_most=LONGEST_TAX_ID, load_default="")
    note = Text(at_most=LONGEST_NOTE, load_default="")


class LinkedInvoiceSchema(StrictSchema):
    """Another invoice that one refers to."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)


class InvoiceSchema(StrictSchema):
    """An invoice as lists show it.

    Names are as they were. `paid_cents` is what had been paid of it when it was made. A counter-invoice has `corrects`,
    and amounts below zero; the one that it takes back has `corrected_by`.
    """

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    issued_on = fields.Date(required=True)
    currency = fields.String(required=True)
    total_cents = fields.Integer(required=True)
    paid_cents = fields.Integer(required=True)
    student = fields.Nested(ReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    corrects = fields.Nested(LinkedInvoiceSchema, required=True, allow_none=True)
    corrected_by = fields.Nested(LinkedInvoiceSchema, required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class InvoiceLineSchema(StrictSchema):
    """One lesson on an invoice, with its price, or the fee if it did not take place.

    Or a package: then it has `package_id`, how many `lessons` it has, and `paid_at`, when its money came.
    """

    booking_id = fields.Integer(required=True, allow_none=True)
    package_id = fields.Integer(required=True, allow_none=True)
    title = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True, allow_none=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)
    lessons = fields.Integer(required=True, allow_none=True)
    paid_at = fields.AwareDateTime(required=True, allow_none=True)
    is_fee = fields.Boolean(required=True)
    amount_cents = fields.Integer(required=True)


class SellerSchema(StrictSchema):
    """Who an invoice is from."""

    name = fields.String(required=True)
    address = fields.String(required=True)
    tax_id = fields.String(required=True)


class BuyerSchema(StrictSchema):
    """Who an invoice is for."""

    name = fields.String(required=True)
    address = fields.String(required=True)


class InvoiceDetailSchema(InvoiceSchema):
    """One invoice with its lines, whose times are meant in `time_zone`."""

    time_zone = fields.String(required=True)
    seller = fields.Nested(SellerSchema, required=True)
    buyer = fields.Nested(BuyerSchema, required=True)
    note = fields.String(required=True)
    reason = fields.String(required=True)
    lines = fields.List(fields.Nested(InvoiceLineSchema), required=True)


class InvoicesPageSchema(PageSchema):
    """A page of invoices, the newest first."""

    data = fields.List(fields.Nested(InvoiceSchema), required=True)


class InvoicesQuerySchema(PageQuery):
    """Which of one's own invoices, made at or after `from` and before `to`."""

    MAKES = InvoicesQuery

    student_id = QueryId(load_default=None)
    booking_id = QueryId(load_default=None)
    package_id = QueryId(load_default=None)
    start = QueryInstant(data_key="from", load_default=None)
    end = QueryInstant(data_key="to", load_default=None)
