"""The JSON API of invoices."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from caching import BoundRead
from database import reading
from errors import AlreadyInvoiced, Forbidden, NotBillable, NotFound, WrongState
from payments.invoices import printed, queries, sellers, service
from payments.invoices.models import NewInvoice, SellerDetails
from payments.invoices.queries import InvoicesQuery
from payments.invoices.schemas import (
    CorrectionSchema,
    InvoiceDetailSchema,
    InvoicesPageSchema,
    InvoicesQuerySchema,
    NewInvoiceSchema,
    SellerDetailsSchema,
)
from payments.printing.document import FILE, MEDIA_TYPE
from school.head import present_head
from web.answers import detail_response, existing, file_response, json_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint("invoices", __name__, url_prefix="/api", description="Invoices for lessons and packages")


@blueprint.cached_list("/invoices", InvoicesQuerySchema, InvoicesPageSchema, own=True)
def list_invoices(who: Who, query: InvoicesQuery) -> BoundRead:
    """List the invoices that one has got, or as a teacher has made, the newest first."""
    return queries.list_for(who.id, who.role, query)


@blueprint.post("/invoices")
@signed_in()
@blueprint.arguments(NewInvoiceSchema)
@blueprint.response(201, InvoiceDetailSchema)
@blueprint.raises(AlreadyInvoiced, Forbidden, NotBillable, NotFound)
@blueprint.doc(operationId="issue_invoice")
@idempotent(lambda: require_viewer().id)
def issue_invoice(new: NewInvoice) -> Response:
    """Make an invoice for a student as their teacher or an administrator.

    Their lessons and packages stand on it. It gets the next number of the teacher's year and never changes again.
    """
    return _answer(service.issue(new, actor=require_viewer(), now=now()))


@blueprint.get("/invoices/<id:invoice_id>")
@signed_in()
@blueprint.response(200, InvoiceDetailSchema, cached=True)
@blueprint.raises(NotFound)
def show_invoice(invoice_id: int) -> Response:
    """Show an invoice with its lines."""
    _, (found,) = own_answers(lambda who: [queries.invoice_for(who.id, who.role, invoice_id)])
    return detail_response(existing(found))


@blueprint.get("/invoices/<id:invoice_id>/pdf")
@signed_in()
@blueprint.response(200, FILE, content_type=MEDIA_TYPE)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="print_invoice")
def print_invoice(invoice_id: int) -> Response:
    """Show an invoice as a PDF."""
    _, (found,) = own_answers(lambda who: [queries.invoice_for(who.id, who.role, invoice_id)])
    if (invoice := found.json()) is None:
        raise NotFound
    return file_response(printed.as_pdf(invoice, present_head()), MEDIA_TYPE, printed.file_name(invoice))


@blueprint.post("/invoices/<id:invoice_id>/corrections")
@signed_in()
@blueprint.arguments(CorrectionSchema)
@blueprint.response(201, InvoiceDetailSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
@blueprint.doc(operationId="correct_invoice")
@idempotent(lambda: require_viewer().id)
def correct_invoice(body: dict[str, Any], invoice_id: int) -> Response:
    """Take an invoice back by a counter-invoice, which is the answer.

    What stood on it can be on a new invoice then.
    """
    return _answer(service.correct(invoice_id, body["reason"], actor=require_viewer(), now=now()))


@blueprint.get("/teachers/me/invoice-details")
@signed_in(Role.TEACHER)
@blueprint.response(200, SellerDetailsSchema)
def show_invoice_details() -> Response:
    """Show what a teacher wants on their invoices."""
    teacher = require_viewer(Role.TEACHER)
    with reading() as connection:
        return json_response(sellers.details_of(connection, teacher.id))


@blueprint.put("/teachers/me/invoice-details")
@signed_in(Role.TEACHER)
@blueprint.arguments(SellerDetailsSchema)
@blueprint.response(200, SellerDetailsSchema)
def replace_invoice_details(details: SellerDetails) -> Response:
    """Say what stands on one's invoices from now on.

    What is left out is empty.
    """
    sellers.replace_details(require_viewer(Role.TEACHER).id, details)
    return json_response(details)


def _answer(invoice_id: int) -> Response:
    viewer = require_viewer()
    return json_response(queries.invoice_now(viewer.id, viewer.role, invoice_id), 201)
