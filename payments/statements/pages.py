"""The page of a statement, a month at a time."""

from __future__ import annotations

from flask import render_template, request

from accounts.sign_in.identity import require_viewer
from payments.months import month_of
from payments.statements import words
from payments.statements.answering import answer_to, wanted_by
from payments.statements.printed import explained
from payments.statements.schemas import Asked, StatementQuerySchema
from web.clock import now
from web.forms import from_address
from web.pages import PageBlueprint

pages = PageBlueprint("statement_pages", __name__)


@pages.get("/statement")
def show() -> str:
    """Show a month of one's statement, with ways to save it."""
    viewer = require_viewer()
    asked: Asked = from_address(StatementQuerySchema(), "person_id", "user_id")
    month = month_of(request.args.get("month"), now(), viewer.time_zone)
    wanted, name = wanted_by(viewer, asked, viewer.time_zone, month)
    narrowed = {key: getattr(asked, key) for key in ("person_id", "user_id") if getattr(asked, key)}
    return render_template(
        "statements/show.html",
        parts=answer_to(wanted).json()["data"],
        name=name,
        role=wanted.role,
        month=month,
        narrowed=narrowed,
        period={"from": month.first, "to": month.next_first} | narrowed,
        words=words,
        explained=explained(wanted.role),
    )
