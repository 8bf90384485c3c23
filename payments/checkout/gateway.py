"""What Lectern needs of a provider of hosted pages for payments by card.

`stripe.py` is the one there is. Another one is a class with the same methods, and a line in `current`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from config.cards import CardAccount
from errors import CheckoutOff
from hooks import Hook
from payments.checkout.stripe import Stripe
from payments.checkout.terms import Notice, Opened, Order

# The account of this installation, if there is one.
card_account = Hook[[], CardAccount | None]()


class Gateway(Protocol):
    """A provider of hosted pages."""

    def open(self, order: Order) -> Opened:
        """Open a page on which an order can be paid.

        The same order twice opens it once. Raises GatewayFailed, or OrderRefused for one that it will never take.
        """

    def happened(self, since: datetime) -> Iterable[Notice]:
        """Say again what has happened since then, the earliest first.

        Raises GatewayFailed.
        """

    def read(self, body: bytes, signature: str, now: datetime) -> Notice | None:
        """Read a notice, or None if it is about nothing of ours.

        Raises NotSigned.
        """


def current() -> Gateway:
    """Return the provider of this installation.

    Raises CheckoutOff if there is none.
    """
    account = card_account()
    if account is None:
        raise CheckoutOff
    return Stripe(account)


def is_offered() -> bool:
    """Tell whether lessons can be paid by card here."""
    return card_account() is not None
