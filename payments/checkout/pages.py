"""Pages of payments by card: the button, and what is shown before and after the provider's page."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import require_viewer
from errors import Conflict, Invalid
from payments.checkout import queries, service
from payments.checkout.models import CheckoutStatus
from payments.checkout.subjects import OfLesson, OfPackage, Subject
from web.clock import now
from web.pages import Page, PageBlueprint

pages = PageBlueprint("checkout_pages", __name__)


@pages.form("/lessons/<id:booking_id>/pay-by-card", of="lesson_money_pages.show")
def start(booking_id: int) -> Response:
    """Begin to pay a lesson by card."""
    return _start(OfLesson(booking_id), url_for("lesson_money_pages.show", booking_id=booking_id))


@pages.form("/packages/<id:package_id>/pay-by-card", of="package_pages.show")
def start_package(package_id: int) -> Response:
    """Begin to pay a package by card."""
    return _start(OfPackage(package_id), url_for("package_pages.show", package_id=package_id))


@pages.get("/card-payments/<id:checkout_id>")
def show(checkout_id: int) -> Page:
    """Wait for the provider's page and lead there, or say how the payment stands."""
    found = queries.checkout(checkout_id, require_viewer(), now())
    going = "go" in request.args
    if going and found["url"]:
        return redirect(found["url"])
    waits = found["status"] == CheckoutStatus.PREPARING or (found["status"] == CheckoutStatus.OPEN and not going)
    return render_template("checkout/show.html", checkout=found, going=going, waits=waits)


def _start(subject: Subject, back: str) -> Response:
    """Go and wait for the provider's page, or back with the reason why there is none."""
    try:
        checkout_id = service.start(subject, actor=require_viewer(Role.STUDENT), now=now())
    except (Conflict, Invalid) as error:
        flash(error.detail, "error")
        return redirect(back)
    return redirect(url_for(".show", checkout_id=checkout_id, go=1))
