"""What goes in and out of the API about packages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from bookings.schemas import FEE_MAX, GigReferenceSchema, ReferenceSchema
from bookings.statuses import BookingStatus
from payments.packages.models import (
    FEWEST_LESSONS,
    MOST_LESSONS,
    LessonsBack,
    NewOffer,
    PackageChange,
    PackageStatus,
)
from payments.packages.queries import PackagesQuery
from payments.schemas import LONGEST_REASON, PaymentRefundSchema
from web.fields import Choice, IdNumber, QueryId, StrictSchema, Text, WholeNumber
from web.pagination import PageQuery, PageSchema, position_for


class NewOfferSchema(StrictSchema):
    """So many lessons of a gig, and what they cost together, in the gig's currency."""

    EXAMPLE = {"lessons": 10, "price_cents": 27000}
    MAKES = NewOffer

    lessons = WholeNumber(at_least=FEWEST_LESSONS, at_most=MOST_LESSONS, required=True)
    price_cents = WholeNumber(at_least=1, at_most=FEE_MAX, required=True)


class OfferSchema(StrictSchema):
    """A package that can be bought."""

    id = fields.Integer(required=True)
    lessons = fields.Integer(required=True)
    price_cents = fields.Integer(required=True)
    currency = fields.String(required=True)


class OffersSchema(StrictSchema):
    """The packages of a gig, the smallest first."""

    data = fields.List(fields.Nested(OfferSchema), required=True)
    cached = fields.Boolean(required=True)


class NewPackageSchema(StrictSchema):
    """Which package a student asks for."""

    EXAMPLE = {"offer_id": 3}

    offer_id = IdNumber(required=True)


class PackageChangeSchema(StrictSchema):
    """What becomes of a package.

    Its teacher closes one that was paid: with a reason, and with what was given back for its lessons.
    """

    EXAMPLE = {"status": "closed", "reason": "We end here.", "refunded_cents": 5400}
    MAKES = PackageChange

    status = Choice([it for it in PackageStatus if it != PackageStatus.ORDERED], required=True)
    reason = Text(at_most=LONGEST_REASON, load_default="")
    refunded_cents = WholeNumber(at_least=0, at_most=FEE_MAX, load_default=0)

    @validates_schema
    def _require_sense(self, data: Mapping[str, Any], **_: Any) -> None:
        closes = data["status"] == PackageStatus.CLOSED
        if closes and not data["reason"]:
            raise ValidationError({"reason": ["Say why."]})
        if data["refunded_cents"] and not closes:
            raise ValidationError({"refunded_cents": ["Money is given back for a package that is closed."]})


class LessonsBackSchema(StrictSchema):
    """How many lessons that nobody has taken are paid back, and why.

    What they are worth is their part of the price.
    """

    EXAMPLE = {"lessons": 3, "reason": "You move away."}
    MAKES = LessonsBack

    lessons = WholeNumber(at_least=1, at_most=MOST_LESSONS, required=True)
    reason = Text(at_least=1, at_most=LONGEST_REASON, required=True)


class PackageSchema(StrictSchema):
    """A package as lists show it.

    `used` lessons are taken, agreed ones to come among them; `paid_back` ones were given back with their money; `left`
    can still be taken. `surplus_cents` came by card although the package did not need it, and is to be given back.
    """

    id = fields.Integer(required=True)
    status = Choice(PackageStatus, required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    student = fields.Nested(ReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    lessons = fields.Integer(required=True)
    used = fields.Integer(required=True)
    paid_back = fields.Integer(required=True)
    left = fields.Integer(required=True)
    price_cents = fields.Integer(required=True)
    refunded_cents = fields.Integer(required=True)
    surplus_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    reference = fields.String(required=True, metadata={"description": "What to write into the transfer for it."})
    created_at = fields.AwareDateTime(required=True)


class CoveredBookingSchema(StrictSchema):
    """A booking that a package pays for."""

    id = fields.Integer(required=True)
    starts_at = fields.AwareDateTime(required=True)
    status = Choice(BookingStatus, required=True)


class UnitSchema(StrictSchema):
    """One of a package's lessons, and the booking that it is for."""

    number = fields.Integer(required=True)
    booking = fields.Nested(CoveredBookingSchema, required=True)


class PackageStepSchema(StrictSchema):
    """One step of a package: who did it, when and why."""

    status = Choice(PackageStatus, required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.Nested(ReferenceSchema, required=True)
    reason = fields.String(required=True)


class PackageDetailSchema(PackageSchema):
    """One package with the bookings that it pays for, and what the viewer may do now."""

    covers = fields.List(fields.Nested(UnitSchema), required=True)
    history = fields.List(fields.Nested(PackageStepSchema), required=True)
    refunds = fields.List(fields.Nested(PaymentRefundSchema), required=True)
    allowed_transitions = fields.List(Choice(PackageStatus), required=True)


class PackagesPageSchema(PageSchema):
    """A page of packages, the newest first."""

    data = fields.List(fields.Nested(PackageSchema), required=True)


class PackagesQuerySchema(PageQuery):
    """Which of one's own packages.

    `status` may be given several times.
    """

    statuses = fields.List(Choice(PackageStatus), data_key="status", load_default=list)
    gig_id = QueryId(load_default=None)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> PackagesQuery:
        statuses, after = tuple(sorted(set(data["statuses"]))), position_for(data["cursor"], "newest")
        return PackagesQuery(statuses=statuses, gig_id=data["gig_id"], limit=data["limit"], after=after)
