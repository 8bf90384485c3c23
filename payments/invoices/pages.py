"""Pages of invoices: the list, making one, one by itself, and what a teacher wants on theirs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from flask import Response, flash, redirect, render_template, request, url_for

from accounts.models import Role
from accounts.sign_in.identity import Viewer, own_answers, require_viewer
from caching import cache
from database import reading
from errors import Conflict, Invalid, NotFound
from jsontext import JsonObject
from payments.invoices import printed, queries, sellers, service
from payments.invoices.forms import CorrectionForm, InvoiceForm, SellerForm
from payments.invoices.queries import InvoicesQuery
from payments.invoices.schemas import InvoicesQuerySchema
from payments.months import Month, month_of
from payments.printing.document import MEDIA_TYPE
from school.head import present_head
from web.answers import file_response
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, refused, shown

pages = PageBlueprint("invoice_pages", __name__)


@pages.get("/invoices")
def mine() -> str:
    """List one's invoices, and to a teacher what of a month is on none."""
    query: InvoicesQuery = from_address(InvoicesQuerySchema(), "cursor")
    viewer, (answer,) = own_answers(lambda who: [queries.list_for(who.id, who.role, query)])
    page, month = answer.json(), _month(viewer)
    return render_template(
        "invoices/list.html",
        invoices=page["data"],
        next_cursor=page["next_cursor"],
        month=month,
        to_make=queries.by_student(_billable(viewer, month)) if viewer.role == Role.TEACHER else [],
    )


@pages.route("/invoices/new", methods=["GET", "POST"])
def new() -> Page:
    """Choose what of a student is on an invoice and who gets it, and make it."""
    viewer, form = require_viewer(Role.TEACHER), InvoiceForm()
    if request.method == "POST" and form.validate():
        try:
            invoice_id = service.issue(form.loaded, actor=viewer, now=now())
        except (Conflict, Invalid) as error:
            form.form_errors.append(error.detail)
        else:
            flash("The invoice is made. It can be printed or saved, and does not change any more.")
            return redirect(url_for(".show", invoice_id=invoice_id))
    return shown(_new_page(viewer, form), form)


@pages.get("/invoices/<id:invoice_id>")
def show(invoice_id: int) -> str:
    """Show an invoice."""
    return _page(_found(invoice_id), CorrectionForm(formdata=None))


@pages.get("/invoices/<id:invoice_id>/pdf")
def pdf(invoice_id: int) -> Response:
    """Save an invoice as a PDF."""
    invoice = _found(invoice_id)
    return file_response(printed.as_pdf(invoice, present_head()), MEDIA_TYPE, printed.file_name(invoice))


@pages.form("/invoices/<id:invoice_id>/corrections", of="invoice_pages.show")
def correct(invoice_id: int) -> Page:
    """Take an invoice back."""
    viewer, form = require_viewer(), CorrectionForm()
    if not form.validate():
        return refused(_page(_found(invoice_id), form))
    try:
        counter_id = service.correct(invoice_id, form.loaded["reason"], actor=viewer, now=now())
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for(".show", invoice_id=invoice_id))
    flash("The invoice is taken back by this one. What stood on it can be on a new invoice now.")
    return redirect(url_for(".show", invoice_id=counter_id))


@pages.route("/invoices/details", methods=["GET", "POST"])
def details() -> Page:
    """Say what stands on one's invoices."""
    teacher = require_viewer(Role.TEACHER)
    with reading() as connection:
        known = sellers.details_of(connection, teacher.id)
    form = SellerForm(data=asdict(known))
    if request.method == "POST" and form.validate():
        sellers.replace_details(teacher.id, form.loaded)
        flash("This stands on your invoices from now on.")
        return redirect(url_for(".mine"))
    return shown(render_template("invoices/details.html", form=form), form)


def _new_page(viewer: Viewer, form: InvoiceForm) -> str:
    """Render what a student has in a month, all of it ticked unless told otherwise."""
    month = _month(viewer)
    student_id, currency = request.args.get("student"), request.args.get("currency")
    groups = queries.by_student(_billable(viewer, month))
    group = next((it for it in groups if (str(it["student"]["id"]), it["currency"]) == (student_id, currency)), None)
    if group is None:
        raise NotFound
    last = queries.last_buyer(viewer.id, group["student"]["id"])
    if request.method == "GET" and last:
        form.buyer_name.data, form.buyer_address.data = last
    with reading() as connection:
        seller = sellers.details_of(connection, viewer.id)
    return render_template(
        "invoices/new.html",
        form=form,
        group=group,
        month=month,
        ticked=form if request.method == "POST" else None,
        seller=seller,
        asked=request.args,
    )


def _found(invoice_id: int) -> JsonObject:
    _, (answer,) = own_answers(lambda who: [queries.invoice_for(who.id, who.role, invoice_id)])
    invoice: JsonObject | None = answer.json()
    if invoice is None:
        raise NotFound
    return invoice


def _page(invoice: JsonObject, form: CorrectionForm) -> str:
    zone = invoice["time_zone"]
    return render_template(
        "invoices/show.html",
        invoice=invoice,
        title=printed.title_of(invoice),
        issued_on=date.fromisoformat(invoice["issued_on"]),
        lines=[(printed.lesson_of(line), printed.time_of(line, zone), line) for line in invoice["lines"]],
        sums=printed.sums_of(invoice),
        form=form,
        can_correct=queries.may_correct(invoice, require_viewer()),
    )


def _month(viewer: Viewer) -> Month:
    """Return the month that the address names, or the present one of the reader."""
    return month_of(request.args.get("month"), now(), viewer.time_zone)


def _billable(viewer: Viewer, month: Month) -> JsonObject:
    read = queries.billable.at(viewer.id, month.start, month.end)
    found: JsonObject = cache.look_up(read)[0].answer().json()
    return found
