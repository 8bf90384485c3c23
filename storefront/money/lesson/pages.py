"""The page of a lesson's money: how to pay, what was paid, what is let off."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.sign_in.identity import Viewer, require_viewer
from bookings.queries import find_booking
from bookings.records import BookingRecord
from bookings.statuses import LEAVES_FEE
from caching import cache
from errors import Conflict, Overpaid, ReferenceUsed
from jsontext import JsonObject
from payments import queries, service
from payments.checkout.gateway import is_offered
from payments.instructions.accounts import grouped
from payments.instructions.queries import instructions
from payments.instructions.transfers import qr_code
from payments.models import NewPayment, PaymentMethod
from payments.owing.queries import next_reference
from payments.queries import PaymentsQuery
from storefront.money.forms import GivenBackForm, PaidForm
from web.clock import now
from web.pages import Page, PageBlueprint, refused

pages = PageBlueprint("lesson_money_pages", __name__)

# Of one lesson there are never more in practice.
SHOWN = 100


@pages.get("/lessons/<id:booking_id>/payments")
def show(booking_id: int) -> str:
    """Show how a lesson stands, how to pay for it, and what was paid."""
    return _page(booking_id)


@pages.form("/lessons/<id:booking_id>/payments/report", of="lesson_money_pages.show")
def report(booking_id: int) -> Page:
    """Report a payment, as its student or as its teacher who has it."""
    viewer, form = require_viewer(), PaidForm()
    record = find_booking(booking_id, viewer).record
    form.booking_id, form.currency = booking_id, record.currency
    if form.validate():
        try:
            service.report(form.loaded, actor=viewer, now=now())
        except Conflict as error:
            form.refuse({_blamed(error): [error.detail]})
        else:
            is_teacher = viewer.id == record.teacher_id
            flash("The payment is noted as received." if is_teacher else "Your teacher is told, and looks for it.")
            return redirect(url_for(".show", booking_id=booking_id))
    return refused(_page(booking_id, paid_form=form))


@pages.form("/lessons/<id:booking_id>/payments/credit", of="lesson_money_pages.show")
def use_credit(booking_id: int) -> Response:
    """Pay with as much credit as there is, at most what is open."""
    viewer = require_viewer()
    record = find_booking(booking_id, viewer).record
    balance = queries.balance_now(viewer.id, viewer.role, booking_id)
    cents = min(balance["credit_cents"], balance["open_cents"])
    if not cents:
        flash("There is nothing to use credit for any more.", "error")
    else:
        new = NewPayment(
            booking_id=booking_id, method=PaymentMethod.CREDIT, amount_cents=cents, currency=record.currency
        )
        try:
            service.report(new, actor=viewer, now=now())
        except Conflict as error:
            flash(error.detail, "error")
        else:
            flash("The credit is used for this lesson.")
    return redirect(url_for(".show", booking_id=booking_id))


@pages.form("/lessons/<id:booking_id>/payments/waive", of="lesson_money_pages.show")
def waive(booking_id: int) -> Page:
    """Let the student off the fee, or a part of it."""
    form = GivenBackForm(prefix="waive-")
    if form.validate():
        try:
            service.waive(booking_id, form.loaded, actor=require_viewer(), now=now())
        except Conflict as error:
            form.refuse({"amount_cents": [error.detail]})
        else:
            flash("The fee is not asked for any more.")
            return redirect(url_for(".show", booking_id=booking_id))
    return refused(_page(booking_id, waive_form=form))


def _blamed(error: Conflict) -> str:
    """Name the field that an error is about."""
    fields = {Overpaid: "amount_cents", ReferenceUsed: "reference"}
    return fields.get(type(error), "")


def _page(booking_id: int, *, paid_form: PaidForm | None = None, waive_form: GivenBackForm | None = None) -> str:
    """Render the page, with a form that may have been refused."""
    viewer = require_viewer()
    detail = find_booking(booking_id, viewer)
    record, of_lesson = detail.record, PaymentsQuery(booking_id=booking_id, limit=SHOWN)
    looked_up = cache.look_up(
        queries.balance_for(viewer.id, viewer.role, booking_id),
        queries.list_for(viewer.id, viewer.role, of_lesson),
        instructions.at(record.teacher_id),
    )
    balance, listed, account = (found.answer().json() for found in looked_up)
    reference = next_reference(listed["data"], booking_id)
    is_student, is_teacher = viewer.id == record.student_id, viewer.id == record.teacher_id
    return render_template(
        "payments/lesson.html",
        booking=detail.shown_to(viewer, now()),
        balance=balance,
        payments=listed["data"],
        account=account | {"shown_iban": grouped(account["iban"])},
        reference=reference,
        qr=qr_code(account, balance["open_cents"], record.currency, reference) if is_student else None,
        by_card=is_student and is_offered(),
        may_report=is_student or is_teacher,
        may_waive=not is_student and record.status in LEAVES_FEE and balance["due_cents"] > 0,
        paid_form=paid_form or _filled(record, viewer, balance, reference),
        waive_form=waive_form or GivenBackForm(formdata=None, prefix="waive-", data={"amount": balance["due_cents"]}),
    )


def _filled(record: BookingRecord, viewer: Viewer, balance: JsonObject, reference: str) -> PaidForm:
    """Fill the form in: the student has paid all by transfer, the teacher was given it by hand."""
    is_teacher = viewer.id == record.teacher_id
    method = PaymentMethod.CASH if is_teacher else PaymentMethod.BANK_TRANSFER
    given = {"method": method, "amount": balance["open_cents"] or None, "reference": "" if is_teacher else reference}
    return PaidForm(formdata=None, data=given)
