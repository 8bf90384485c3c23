"""Pages of packages: what a gig offers, one's own, and one by itself with how to pay it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import own_answers, require_viewer
from caching import cache
from errors import Conflict, Forbidden, Invalid, NotFound, OverRefunded
from gigs.queries import gig
from gigs.states import manager_of, shown_to
from jsontext import JsonObject
from payments.checkout.gateway import is_offered
from payments.instructions.accounts import grouped
from payments.instructions.queries import instructions
from payments.instructions.transfers import qr_code
from payments.packages import queries, refunds, service
from payments.packages.models import PackageStatus
from payments.packages.queries import PackagesQuery
from payments.packages.schemas import PackageChangeSchema, PackagesQuerySchema
from storefront.money.packages.forms import CloseForm, LessonsBackForm, OfferForm
from web.clock import now
from web.forms import from_address, from_form
from web.pages import Page, PageBlueprint, go_back, refused, shown

pages = PageBlueprint("package_pages", __name__)

_DONE = {
    PackageStatus.PAID: "The package is paid. It pays for the next lessons that you both agree on.",
    PackageStatus.CANCELLED: "The package is cancelled.",
}


@pages.get("/packages")
def mine() -> str:
    """List the packages that one has bought, or as a teacher has sold."""
    query: PackagesQuery = from_address(PackagesQuerySchema(), "cursor")
    _, (answer,) = own_answers(lambda who: [queries.list_for(who.id, who.role, query)])
    page = answer.json()
    return render_template("packages/list.html", packages=page["data"], next_cursor=page["next_cursor"])


@pages.get("/packages/<id:package_id>")
def show(package_id: int) -> str:
    """Show what is left of a package, the lessons that it pays for, and how to pay it."""
    return _page(package_id)


@pages.form("/packages/<id:package_id>/answer", of="package_pages.show")
def answer(package_id: int) -> Response:
    """Say that a package was paid, or cancel it."""
    viewer, wanted = require_viewer(), from_form(PackageChangeSchema(), "status", "reason")
    try:
        service.change(package_id, wanted, actor=viewer, now=now())
    except Conflict as error:
        flash(error.detail, "error")
    else:
        flash(_DONE.get(wanted.status, "It is noted."))
    return go_back(url_for(".show", package_id=package_id))


@pages.form("/packages/<id:package_id>/close", of="package_pages.show")
def close(package_id: int) -> Page:
    """End a package that was paid."""
    form = CloseForm()
    if form.validate():
        try:
            service.change(package_id, form.loaded, actor=require_viewer(), now=now())
        except Conflict as error:
            form.refuse({"refunded_cents": [error.detail]})
        else:
            flash("The package has ended. Lessons that it has paid for stay paid.")
            return redirect(url_for(".show", package_id=package_id))
    return refused(_page(package_id, close_form=form))


@pages.form("/packages/<id:package_id>/refunds", of="package_pages.show")
def pay_back(package_id: int) -> Page:
    """Note that lessons which nobody has taken were paid back."""
    form = LessonsBackForm()
    if form.validate():
        try:
            refunds.pay_back(package_id, form.loaded, actor=require_viewer(), now=now())
        except OverRefunded as error:
            form.refuse({"lessons": [error.detail]})
        except Conflict as error:
            form.form_errors.append(error.detail)
        else:
            flash("It is noted. These lessons pay for nothing any more.")
            return redirect(url_for(".show", package_id=package_id))
    return refused(_page(package_id, back_form=form))


@pages.form("/gigs/<id:gig_id>/packages/<id:offer_id>/order", of="gig_page.show")
def order(gig_id: int, offer_id: int) -> Response:
    """Ask for a package."""
    viewer = require_viewer()
    try:
        package_id = service.order(offer_id, actor=viewer, now=now())
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("gig_page.show", gig_id=gig_id))
    flash("It is yours once it is paid. Here is how.")
    return redirect(url_for(".show", package_id=package_id))


@pages.route("/gigs/<id:gig_id>/packages", methods=["GET", "POST"])
def offers(gig_id: int) -> Page:
    """Let a teacher say in which packages a gig is sold."""
    _require_manager(gig_id)
    form = OfferForm()
    if form.validate_on_submit():
        try:
            service.offer(gig_id, form.loaded, actor=require_viewer(), now=now())
        except Invalid as error:
            form.refuse(error.errors)
        except Conflict as error:
            form.form_errors.append(error.detail)
        else:
            flash("Students can buy this package now.")
            return redirect(url_for(".offers", gig_id=gig_id))
    looked_up = cache.look_up(gig.at(gig_id), queries.offers.at(gig_id))
    shown_gig, listed = (found.answer().json() for found in looked_up)
    return shown(render_template("packages/offers.html", gig=shown_gig, offers=listed["data"], form=form), form)


@pages.form("/gigs/<id:gig_id>/packages/<id:offer_id>/withdraw", of="package_pages.offers")
def withdraw(gig_id: int, offer_id: int) -> Response:
    """Offer a package no more."""
    service.withdraw(gig_id, offer_id, actor=require_viewer(), now=now())
    flash("The package is not offered any more. Those that were bought stay.")
    return redirect(url_for(".offers", gig_id=gig_id))


def _require_manager(gig_id: int) -> None:
    viewer = require_viewer()
    found = shown_to(gig(gig_id).json(), viewer)
    if manager_of(found["teacher"]["id"], viewer.id, viewer.role) is None:
        raise Forbidden


def _shown(package_id: int) -> JsonObject:
    """Return a package as its reader sees it.

    Raises NotFound.
    """
    _, (found,) = own_answers(lambda who: [queries.package_for(who.id, who.role, package_id)])
    package: JsonObject | None = found.json()
    if package is None:
        raise NotFound
    return package


def _page(package_id: int, *, close_form: CloseForm | None = None, back_form: LessonsBackForm | None = None) -> str:
    package, viewer = _shown(package_id), require_viewer()
    to_pay = package["status"] == PackageStatus.ORDERED and viewer.role == Role.STUDENT
    account = instructions(package["teacher"]["id"]).json() if to_pay else None
    code = account and qr_code(account, package["price_cents"], package["currency"], package["reference"])
    return render_template(
        "packages/show.html",
        package=package,
        account=account and account | {"shown_iban": grouped(account["iban"])},
        qr=code,
        by_card=bool(to_pay and is_offered()),
        close_form=close_form or CloseForm(formdata=None),
        back_form=back_form or LessonsBackForm(formdata=None),
    )
