"""The JSON API of packages: what a gig offers, and what was bought."""

from __future__ import annotations

from flask import Response

from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, own_answers, public_answer, require_viewer, signed_in
from caching import BoundRead, cache
from errors import Forbidden, Invalid, NotFound, OverRefunded, WrongState
from gigs.queries import gig
from gigs.states import shown_to
from payments.packages import queries, refunds, service
from payments.packages.models import LessonsBack, NewOffer, PackageChange
from payments.packages.queries import PackagesQuery
from payments.packages.schemas import (
    LessonsBackSchema,
    NewOfferSchema,
    NewPackageSchema,
    OfferSchema,
    OffersSchema,
    PackageChangeSchema,
    PackageDetailSchema,
    PackagesPageSchema,
    PackagesQuerySchema,
)
from web.answers import detail_response, existing, json_response, list_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint("packages", __name__, url_prefix="/api", description="Lessons that are paid in advance")


@blueprint.get("/gigs/<id:gig_id>/packages")
@blueprint.response(200, OffersSchema, cached=True)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="list_package_offers")
def list_offers(gig_id: int) -> Response:
    """List the packages that can be bought for a gig."""
    viewer, answer = public_answer(gig.at(gig_id))
    shown_to(answer.json(), viewer)
    return list_response(cache.look_up(queries.offers.at(gig_id))[0].answer())


@blueprint.post("/gigs/<id:gig_id>/packages")
@signed_in()
@blueprint.arguments(NewOfferSchema)
@blueprint.response(201, OfferSchema)
@blueprint.raises(Forbidden, Invalid, NotFound, WrongState)
@blueprint.doc(operationId="offer_package")
@idempotent(lambda: require_viewer().id)
def offer_package(new: NewOffer, gig_id: int) -> Response:
    """Offer a package for a gig as its teacher."""
    offer_id = service.offer(gig_id, new, actor=require_viewer(), now=now())
    found = queries.offers(gig_id).json()["data"]
    return json_response(next(offer for offer in found if offer["id"] == offer_id), 201)


@blueprint.delete("/gigs/<id:gig_id>/packages/<id:offer_id>")
@signed_in()
@blueprint.response(204)
@blueprint.raises(Forbidden, NotFound)
@blueprint.doc(operationId="withdraw_package")
def withdraw_package(gig_id: int, offer_id: int) -> Response:
    """Offer a package no more.

    What was bought stays as it is.
    """
    service.withdraw(gig_id, offer_id, actor=require_viewer(), now=now())
    return Response(status=204)


@blueprint.cached_list("/packages", PackagesQuerySchema, PackagesPageSchema, own=True)
def list_packages(who: Who, query: PackagesQuery) -> BoundRead:
    """List the packages that one has bought, or as a teacher has sold, the newest first."""
    return queries.list_for(who.id, who.role, query)


@blueprint.post("/packages")
@signed_in()
@blueprint.arguments(NewPackageSchema)
@blueprint.response(201, PackageDetailSchema)
@blueprint.raises(Forbidden, NotFound, WrongState)
@blueprint.doc(operationId="order_package")
@idempotent(lambda: require_viewer().id)
def order_package(body: dict[str, int]) -> Response:
    """Ask for a package as a student.

    It pays for lessons from when its teacher says that the money has come.
    """
    return _answer(service.order(body["offer_id"], actor=require_viewer(), now=now()), 201)


@blueprint.get("/packages/<id:package_id>")
@signed_in()
@blueprint.response(200, PackageDetailSchema, cached=True)
@blueprint.raises(NotFound)
def show_package(package_id: int) -> Response:
    """Show a package with what is left of it, and the bookings that it pays for."""
    _, (found,) = own_answers(lambda who: [queries.package_for(who.id, who.role, package_id)])
    return detail_response(existing(found))


@blueprint.patch("/packages/<id:package_id>")
@signed_in()
@blueprint.arguments(PackageChangeSchema)
@blueprint.response(200, PackageDetailSchema)
@blueprint.raises(Forbidden, NotFound, OverRefunded, WrongState)
def change_package(change: PackageChange, package_id: int) -> Response:
    """Say that a package was paid, cancel one that was not, or close one."""
    service.change(package_id, change, actor=require_viewer(), now=now())
    return _answer(package_id)


@blueprint.post("/packages/<id:package_id>/refunds")
@signed_in()
@blueprint.arguments(LessonsBackSchema)
@blueprint.response(201, PackageDetailSchema)
@blueprint.raises(Forbidden, NotFound, OverRefunded, WrongState)
@blueprint.doc(operationId="refund_package")
@idempotent(lambda: require_viewer().id)
def refund_package(back: LessonsBack, package_id: int) -> Response:
    """Note that lessons of a package which nobody has taken were paid back.

    They pay for nothing from then on.
    """
    refunds.pay_back(package_id, back, actor=require_viewer(), now=now())
    return _answer(package_id, 201)


def _answer(package_id: int, status: int = 200) -> Response:
    viewer = require_viewer()
    return json_response(queries.package_now(viewer.id, viewer.role, package_id), status)
