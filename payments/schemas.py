"""What goes in and out of the API about money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from bookings.schemas import FEE_MAX, GigReferenceSchema, ReferenceSchema
from gigs.schemas import NARROWING, WordsQuery
from payments.models import DECISIONS, Decision, GivenBack, NewPayment, PaymentMethod, PaymentStatus
from payments.queries import PaymentsQuery
from web.fields import Choice, Currency, Flag, IdNumber, Line, QueryId, QueryInstant, StrictSchema, Text, WholeNumber
from web.pagination import PageSchema, position_for

LONGEST_REFERENCE, LONGEST_REASON = 140, 2_000


class NewPaymentSchema(StrictSchema):
    """A payment as its booking's student or teacher reports it."""

    EXAMPLE = {
        "booking_id": 7,
        "method": "bank_transfer",
        "reference": "Piano 1 December",
        "amount_cents": 3000,
        "currency": "EUR",
    }
    MAKES = NewPayment

    booking_id = IdNumber(required=True)
    method = Choice(
        PaymentMethod,
        required=True,
        metadata={"description": "`credit` uses what was paid too much for other lessons with the same teacher."},
    )
    reference = Line(at_most=LONGEST_REFERENCE, load_default="")
    amount_cents = WholeNumber(at_least=1, at_most=FEE_MAX, required=True)
    currency = Currency(required=True)
    advance = Flag(
        load_default=False,
        metadata={"description": "Whether it may be more than is open; the rest is the student's credit."},
    )


class PaymentDecisionSchema(StrictSchema):
    """What the payee says about a payment.

    A rejection needs a reason.
    """

    EXAMPLE = {"status": "rejected", "reason": "There is no such transfer on the account."}
    MAKES = Decision

    status = Choice(DECISIONS, required=True)
    reason = Text(at_most=LONGEST_REASON, load_default="")

    @validates_schema
    def _require_reason(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["status"] == PaymentStatus.REJECTED and not data["reason"]:
            raise ValidationError({"reason": ["Say why."]})


class GivenBackSchema(StrictSchema):
    """What is given back of a payment, or waived of a fee."""

    EXAMPLE = {"amount_cents": 1500, "reason": "The lesson was half as long."}
    MAKES = GivenBack

    amount_cents = WholeNumber(at_least=1, at_most=FEE_MAX, required=True)
    reason = Text(at_least=1, at_most=LONGEST_REASON, required=True)


class PaidBookingSchema(StrictSchema):
    """The booking that a payment is for."""

    id = fields.Integer(required=True)
    starts_at = fields.AwareDateTime(required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)


class PaymentSchema(StrictSchema):
    """A payment as lists show it.

    `reason` is that of its decision.
    """

    id = fields.Integer(required=True)
    status = Choice(PaymentStatus, required=True)
    booking = fields.Nested(PaidBookingSchema, required=True)
    method = Choice(PaymentMethod, required=True)
    reference = fields.String(required=True)
    amount_cents = fields.Integer(required=True)
    refunded_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    student = fields.Nested(ReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    reason = fields.String(required=True)
    has_proof = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


class PaymentStepSchema(StrictSchema):
    """One step of a payment: who did it, when and why."""

    status = Choice(PaymentStatus, required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.Nested(ReferenceSchema, required=True)
    reason = fields.String(required=True)


class PaymentRefundSchema(StrictSchema):
    """A refund, in the detail of its payment."""

    id = fields.Integer(required=True)
    amount_cents = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.Nested(ReferenceSchema, required=True)
    reason = fields.String(required=True)


class PaymentDetailSchema(PaymentSchema):
    """One payment with all that was noted about it, and what the viewer may do now."""

    history = fields.List(fields.Nested(PaymentStepSchema), required=True)
    refunds = fields.List(fields.Nested(PaymentRefundSchema), required=True)
    allowed_transitions = fields.List(Choice(PaymentStatus), required=True)


class RefundSchema(StrictSchema):
    """A refund that was noted, and how much of the payment has been given back by now."""

    id = fields.Integer(required=True)
    payment_id = fields.Integer(required=True)
    amount_cents = fields.Integer(required=True)
    refunded_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    reason = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)


class PaymentsPageSchema(PageSchema):
    """A page of payments, the newest first."""

    data = fields.List(fields.Nested(PaymentSchema), required=True)


class PaymentsQuerySchema(WordsQuery):
    """Which of one's own payments, reported at or after `from` and before `to`.

    `status` may be given several times.
    """

    statuses = fields.List(Choice(PaymentStatus), data_key="status", load_default=list)
    booking_id = QueryId(load_default=None)
    start = QueryInstant(data_key="from", load_default=None)
    end = QueryInstant(data_key="to", load_default=None)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> PaymentsQuery:
        given = {name: data[name] for name in (*NARROWING, "booking_id", "start", "end", "limit")}
        statuses, after = tuple(sorted(set(data["statuses"]))), position_for(data["cursor"], "newest")
        return PaymentsQuery(statuses=statuses, after=after, **given)


class _SumsSchema(StrictSchema):
    """What was paid, and what is open: `paid_cents` is what was verified, before refunds."""

    currency = fields.String(required=True)
    submitted_cents = fields.Integer(required=True)
    paid_cents = fields.Integer(required=True)
    refunded_cents = fields.Integer(required=True)
    open_cents = fields.Integer(required=True)
    credit_cents = fields.Integer(
        required=True,
        metadata={"description": "What was paid beyond what is due, and can be used for other lessons."},
    )


class PaidByPackageSchema(StrictSchema):
    """The package that pays for a booking: which one of how many lessons this is."""

    id = fields.Integer(required=True)
    number = fields.Integer(required=True)
    lessons = fields.Integer(required=True)


class BookingBalanceSchema(_SumsSchema):
    """How a booking stands.

    Its credit is the student's with this teacher, in this currency. If a package pays for it, nothing is due.
    """

    price_cents = fields.Integer(required=True)
    fee_cents = fields.Integer(required=True)
    due_cents = fields.Integer(required=True)
    package = fields.Nested(PaidByPackageSchema, required=True, allow_none=True)


class OwnBalanceSchema(_SumsSchema):
    """All of one's bookings in one currency."""

    owed_cents = fields.Integer(required=True)


class OwnBalancesSchema(StrictSchema):
    """What a student owes, or what is owed to a teacher, by currency."""

    data = fields.List(fields.Nested(OwnBalanceSchema), required=True)
    cached = fields.Boolean(required=True)
