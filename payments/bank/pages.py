"""The page on which a bank's file is matched with payments."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for

from accounts.models import Role
from accounts.rights import STAFF
from accounts.sign_in.identity import Viewer, require_viewer
from errors import Forbidden, Invalid, NotFound
from payments.bank import service
from payments.bank.models import Match
from payments.bank.schemas import shown
from web.clock import now
from web.pages import Page, PageBlueprint, refused
from web.ratelimits import count_file

pages = PageBlueprint("bank_pages", __name__)

# What can be chosen, and how it is marked.
_WAYS = {"payment": service.verify_payment, "package": service.verify_package}


@pages.get("/payments/import")
def choose() -> str:
    """Let a teacher or an administrator choose a bank's file."""
    require_viewer(Role.TEACHER, *STAFF)
    return _page()


@pages.form("/payments/import/lines", of="bank_pages.choose")
def compare() -> Page:
    """Show what each line of a file is, and change nothing."""
    viewer, file = require_viewer(Role.TEACHER, *STAFF), request.files.get("file")
    if file is None or not file.filename:
        return refused(_page("Choose the file that you have saved from your bank."))
    count_file(viewer.id)
    try:
        outcomes = service.match(file.read(), actor=viewer)
    except Invalid as error:
        return refused(_page(error.detail))
    result = shown(outcomes, applied=False)
    # What is to be decided comes first.
    order = [*Match]
    lines = sorted(result["lines"], key=lambda line: order.index(line["status"]))
    return render_template("payments/bank_lines.html", lines=lines, counts=result["counts"])


@pages.form("/payments/import/verify", of="bank_pages.choose")
def verify() -> Page:
    """Mark the payments and packages that were chosen as received."""
    viewer = require_viewer(Role.TEACHER, *STAFF)
    done = sum(_verified(how, id_, viewer) for name, how in _WAYS.items() for id_ in _chosen(name))
    words = "One payment is" if done == 1 else f"{done} payments are"
    flash(f"{words} marked as received." if done else "Nothing was left to mark as received.")
    return redirect(url_for("money_pages.mine"))


def _chosen(name: str) -> list[int]:
    sent = request.form.getlist(name)
    return sorted({int(it) for it in sent if it.isascii() and it.isdigit() and len(it) < 19})


def _verified(how: Callable[..., bool], id_: int, viewer: Viewer) -> bool:
    try:
        return how(id_, actor=viewer, now=now())
    except (Forbidden, NotFound):
        return False


def _page(error: str = "") -> str:
    return render_template("payments/bank.html", error=error)
