"""The JSON API of money: what was paid for lessons, and what is open."""

from __future__ import annotations

from flask import Response

from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from caching import BoundRead
from errors import CreditTooSmall, Forbidden, NotFound, Overpaid, OverRefunded, ReferenceUsed, WrongState
from payments import queries, service
from payments.models import Decision, GivenBack, NewPayment
from payments.queries import PaymentsQuery
from payments.schemas import (
    BookingBalanceSchema,
    GivenBackSchema,
    NewPaymentSchema,
    OwnBalancesSchema,
    PaymentDecisionSchema,
    PaymentDetailSchema,
    PaymentsPageSchema,
    PaymentsQuerySchema,
    RefundSchema,
)
from web.answers import detail_response, existing, json_response, list_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint("payments", __name__, url_prefix="/api", description="What was paid for lessons")


@blueprint.cached_list("/payments", PaymentsQuerySchema, PaymentsPageSchema, own=True)
def list_payments(who: Who, query: PaymentsQuery) -> BoundRead:
    """List what one has paid, or as a teacher was paid, the newest first."""
    return queries.list_for(who.id, who.role, query)


@blueprint.post("/payments")
@signed_in()
@blueprint.arguments(NewPaymentSchema)
@blueprint.response(201, PaymentDetailSchema)
@blueprint.raises(CreditTooSmall, Forbidden, NotFound, Overpaid, ReferenceUsed)
@blueprint.doc(operationId="report_payment")
@idempotent(lambda: require_viewer().id)
def report_payment(new: NewPayment) -> Response:
    """Report a payment for a lesson as its student, or as its teacher who has received it.

    What the teacher reports is verified at once, and so is a payment by credit.
    """
    return _answer(service.report(new, actor=require_viewer(), now=now()), 201)


@blueprint.get("/payments/<id:payment_id>")
@signed_in()
@blueprint.response(200, PaymentDetailSchema, cached=True)
@blueprint.raises(NotFound)
def show_payment(payment_id: int) -> Response:
    """Show a payment, with what the viewer may do about it."""
    _, (found,) = own_answers(lambda who: [queries.payment_for(who.id, who.role, payment_id)])
    return detail_response(existing(found))


@blueprint.patch("/payments/<id:payment_id>")
@signed_in()
@blueprint.arguments(PaymentDecisionSchema)
@blueprint.response(200, PaymentDetailSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
def decide_payment(decision: Decision, payment_id: int) -> Response:
    """Verify or reject a payment as its payee or an administrator."""
    service.decide(payment_id, decision, actor=require_viewer(), now=now())
    return _answer(payment_id)


@blueprint.post("/payments/<id:payment_id>/refunds")
@signed_in()
@blueprint.arguments(GivenBackSchema)
@blueprint.response(201, RefundSchema)
@blueprint.raises(Forbidden, NotFound, OverRefunded, WrongState)
@blueprint.doc(operationId="refund_payment")
@idempotent(lambda: require_viewer().id)
def refund_payment(given: GivenBack, payment_id: int) -> Response:
    """Note that a part of a verified payment, or all of it, was given back."""
    viewer, at = require_viewer(), now()
    refund_id = service.refund(payment_id, given, actor=viewer, now=at)
    payment = queries.payment_now(viewer.id, viewer.role, payment_id)
    refund = {"id": refund_id, "payment_id": payment_id, "amount_cents": given.amount_cents, "reason": given.reason}
    sums = {name: payment[name] for name in ("refunded_cents", "currency")}
    return json_response(refund | sums | {"created_at": at}, 201)


@blueprint.get("/bookings/<id:booking_id>/balance")
@signed_in()
@blueprint.response(200, BookingBalanceSchema, cached=True)
@blueprint.raises(NotFound)
def show_booking_balance(booking_id: int) -> Response:
    """Show what is due for a lesson, what was paid, and what is open."""
    _, (found,) = own_answers(lambda who: [queries.balance_for(who.id, who.role, booking_id)])
    return detail_response(existing(found))


@blueprint.post("/bookings/<id:booking_id>/credit-notes")
@signed_in()
@blueprint.arguments(GivenBackSchema)
@blueprint.response(201, BookingBalanceSchema)
@blueprint.raises(Forbidden, NotFound, Overpaid, WrongState)
@blueprint.doc(operationId="waive_fee")
@idempotent(lambda: require_viewer().id)
def waive_fee(given: GivenBack, booking_id: int) -> Response:
    """Let a student off the fee of a lesson, or a part of it.

    The answer is the lesson's balance.
    """
    viewer = require_viewer()
    service.waive(booking_id, given, actor=viewer, now=now())
    return json_response(queries.balance_now(viewer.id, viewer.role, booking_id), 201)


@blueprint.get("/users/me/balance")
@signed_in()
@blueprint.response(200, OwnBalancesSchema, cached=True)
def show_own_balance() -> Response:
    """Show what one owes in all, or what is owed to one as a teacher, by currency."""
    _, (found,) = own_answers(lambda who: [queries.balances.at(who.id, who.role)])
    return list_response(found)


def _answer(payment_id: int, status: int = 200) -> Response:
    viewer = require_viewer()
    return json_response(queries.payment_now(viewer.id, viewer.role, payment_id), status)
