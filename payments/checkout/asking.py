"""Asking the provider about checkouts that it has sent no notice about."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select

from database import reading
from payments.checkout import service
from payments.checkout.gateway import current, is_offered
from payments.checkout.models import Checkout, CheckoutStatus
from payments.checkout.terms import Notice

logger = logging.getLogger(__name__)

# Usually a notice comes within seconds. The provider goes on trying for days, and some ways to pay take as long.
PATIENCE, LONGEST = timedelta(minutes=5), timedelta(days=7)


def ask_again(now: datetime) -> None:
    """Take in what has happened to checkouts that are still open here, as if the notices had come.

    Those that did come are known by their ids. Raises GatewayFailed.
    """
    if not is_offered():
        return
    since = _oldest_open(now)
    if since is not None:
        for notice in current().happened(since):
            _take_in(notice, now)


def _take_in(notice: Notice, now: datetime) -> None:
    """Take in one notice.

    If that fails, the later ones are taken in all the same, and it comes again next time.
    """
    try:
        service.receive(notice, now=now)
    except Exception:
        logger.exception("The notice %s of the provider of payments by card could not be taken in.", notice.id)


def _oldest_open(now: datetime) -> datetime | None:
    waiting = (Checkout.status == CheckoutStatus.OPEN, Checkout.created_at.between(now - LONGEST, now - PATIENCE))
    with reading() as connection:
        oldest: datetime | None = connection.scalar(select(func.min(Checkout.created_at)).where(*waiting))
    return oldest
