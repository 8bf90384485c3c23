"""The JSON API of statements, and the same as files."""

from __future__ import annotations

from flask import Response

from accounts.sign_in.identity import Viewer, require_viewer, signed_in
from errors import NotFound
from payments.months import month_of
from payments.printing.document import FILE, MEDIA_TYPE
from payments.statements import printed, spreadsheet
from payments.statements.answering import answer_to, wanted_by
from payments.statements.queries import Wanted
from payments.statements.schemas import Asked, StatementQuerySchema, StatementSchema
from school.head import present_head
from web import csv_text
from web.answers import file_response, list_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint("statements", __name__, url_prefix="/api", description="What was owed and paid, day by day")


@blueprint.get("/payments/statement")
@signed_in()
@blueprint.arguments(StatementQuerySchema, location="query")
@blueprint.response(200, StatementSchema, cached=True)
@blueprint.raises(NotFound)
def show_statement(asked: Asked) -> Response:
    """List every row of one's ledger in a stretch of time, with the balance after each."""
    wanted, _ = _wanted(require_viewer(), asked)
    return list_response(answer_to(wanted))


@blueprint.get("/payments/statement.csv")
@signed_in()
@blueprint.arguments(StatementQuerySchema, location="query")
@blueprint.response(200, spreadsheet.FILE, content_type=csv_text.MEDIA_TYPE)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="export_statement")
def statement_csv(asked: Asked) -> Response:
    """Show a statement as a file for spreadsheets."""
    viewer = require_viewer()
    wanted, _ = _wanted(viewer, asked)
    content = spreadsheet.as_csv(answer_to(wanted).json(), viewer.time_zone)
    return file_response(content, csv_text.MEDIA_TYPE, f"{file_name(wanted)}.csv")


@blueprint.get("/payments/statement.pdf")
@signed_in()
@blueprint.arguments(StatementQuerySchema, location="query")
@blueprint.response(200, FILE, content_type=MEDIA_TYPE)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="print_statement")
def statement_pdf(asked: Asked) -> Response:
    """Show a statement as a PDF."""
    wanted, name = _wanted(require_viewer(), asked)
    times = {"start": wanted.start, "end": wanted.end, "now": now()}
    content = printed.as_pdf(answer_to(wanted).json(), present_head(), name=name, role=wanted.role, **times)
    return file_response(content, MEDIA_TYPE, f"{file_name(wanted)}.pdf")


def file_name(wanted: Wanted) -> str:
    """Return under which name a statement is saved, but for its ending."""
    return f"statement-{wanted.start:%Y-%m-%d}"


def _wanted(viewer: Viewer, asked: Asked) -> tuple[Wanted, str]:
    month = month_of(None, now(), viewer.time_zone)
    return wanted_by(viewer, asked, viewer.time_zone, month)
