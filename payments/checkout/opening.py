"""Opening the provider's page for a checkout, outside of any transaction: the provider may be slow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from bookings.models import Booking
from database import change_in_bulk, reading, writing
from gigs.models import Gig
from jobs.registry import CannotSucceed
from mail.links import link_to
from payments.checkout import service
from payments.checkout.gateway import current
from payments.checkout.models import Checkout, CheckoutStatus
from payments.checkout.subjects import subject_of
from payments.checkout.terms import GatewayFailed, Order, OrderRefused
from payments.packages.models import Package


def open_page(checkout_id: int, now: datetime) -> None:
    """Open the page on which a checkout can be paid.

    Raises GatewayFailed to be tried again, and CannotSucceed if that would be of no use.
    """
    order = _order(checkout_id, now)
    if order is None:
        return
    try:
        opened = current().open(order)
    except OrderRefused as error:
        _set(checkout_id, status=CheckoutStatus.FAILED)
        raise CannotSucceed(str(error)) from error
    except GatewayFailed as error:
        if error.answered:
            # The provider repeats its answer to the same key, errors too.
            _set(checkout_id, failures=Checkout.failures + 1)
        raise
    with writing() as session:
        checkout = session.get_one(Checkout, checkout_id)
        subject_of(checkout).lock(session)
        session.refresh(checkout)
        checkout.url = opened.url
        service.settle(session, checkout, now=now)


def _order(checkout_id: int, now: datetime) -> Order | None:
    """Read what is to be paid, or None if no page is needed any more."""
    columns = [getattr(Checkout, name) for name in ("token", "failures", "amount_cents", "currency", "expires_at")]
    found = select(*columns, Checkout.status, Gig.title, Package.lessons)
    found = found.outerjoin(Booking, Booking.id == Checkout.booking_id)
    found = found.outerjoin(Package, Package.id == Checkout.package_id)
    found = found.join(Gig, Gig.id == func.coalesce(Booking.gig_id, Package.gig_id))
    with reading() as connection:
        row = connection.execute(found.where(Checkout.id == checkout_id)).one_or_none()
    if row is None or row.status != CheckoutStatus.PREPARING:
        return None
    if row.expires_at - now < service.SHORTEST:
        _set(checkout_id, status=CheckoutStatus.FAILED)
        raise CannotSucceed("The student waited too long for the page.")
    return Order(
        token=row.token,
        key=f"{row.token}-{row.failures}",
        title=f"{row.lessons} lessons of {row.title}" if row.lessons else row.title,
        amount_cents=row.amount_cents,
        currency=row.currency,
        expires_at=row.expires_at,
        return_url=link_to("checkout_pages.show", checkout_id=checkout_id),
    )


def _set(checkout_id: int, **values: object) -> None:
    """Change a checkout that is still being prepared."""
    still = (Checkout.id == checkout_id, Checkout.status == CheckoutStatus.PREPARING)
    with writing() as session:
        change_in_bulk(session, update(Checkout).where(*still).values(**values))
