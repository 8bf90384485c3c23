"""What Lectern and a provider of hosted pages say to each other, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from payments.checkout.models import NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be paid."""

    token: str
    # The same for a call that is repeated because its answer got lost.
    key: str
    title: str
    amount_cents: int
    currency: str
    expires_at: datetime
    # Where the provider sends the student afterwards, whether they have paid or not.
    return_url: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A page on which an order can be paid."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a provider says about an order.

    `amount_cents` is what was paid by this payment of theirs, or has been given back of it so far.
    """

    id: str
    token: str
    kind: NoticeKind
    reference: str = ""
    amount_cents: int = 0
    currency: str = ""


class GatewayFailed(Exception):
    """The provider could not be reached, or did not know what to say."""

    def __init__(self, message: str, *, answered: bool) -> None:
        """Remember whether there was an answer: the provider would give it to the same call again."""
        super().__init__(message)
        self.answered = answered


class OrderRefused(Exception):
    """The provider will never take this order."""


class NotSigned(Exception):
    """A notice does not come from the provider, or is too old to be believed."""
