"""Notices of the provider of payments by card, as if they had come."""

from __future__ import annotations

from datetime import timedelta

from database import writing
from payments.checkout import service
from payments.checkout.models import Checkout, CheckoutStatus, NoticeKind
from payments.checkout.terms import Notice
from tests.notifications.telling.conftest import School


def by_card(school: School, cents: int, *said: tuple[NoticeKind, int], **subject: int) -> None:
    """Let a student pay something on the provider's page, and the provider say these things about it."""
    token, now = "".join(f"{name}{id_}" for name, id_ in subject.items()), school.world.clock()
    opened = {"status": CheckoutStatus.OPEN, "created_at": now, "expires_at": now + timedelta(hours=1)}
    with school.world.app.app_context():
        with writing() as session:
            session.add(Checkout(token=token, amount_cents=cents, currency="EUR", **opened, **subject))
        for kind, amount in said:
            service.receive(
                Notice(
                    id=f"{token}-{kind}", token=token, kind=kind, reference="pi_1", amount_cents=amount, currency="EUR"
                ),
                now=now,
            )
