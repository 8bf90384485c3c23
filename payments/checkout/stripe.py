"""The adapter for Stripe Checkout.

Sessions: https://docs.stripe.com/api/checkout/sessions/create. Signatures: https://docs.stripe.com/webhooks/signature.
Events: https://docs.stripe.com/api/events/list.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from config.cards import CardAccount
from jsontext import loads
from later import requests
from payments.checkout.amounts import to_cents, to_units
from payments.checkout.models import NoticeKind
from payments.checkout.terms import GatewayFailed, Notice, NotSigned, Opened, Order, OrderRefused

# How far the time in a signature may be from ours: what is older may be a repetition of what someone has recorded.
TOLERANCE = timedelta(minutes=5)
# Until there is a connection, and then between two parts of the answer.
_TIMEOUT = (5, 20)
_LONGEST_ANSWER = 4_000_000
# Events in one answer, and answers that are looked at.
_PAGE, _MOST_PAGES = 100, 20
# Answers after which the same call may succeed: a conflict with itself, too many calls.
_PASSING = (409, 429)
_PAID = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
_KINDS = {
    "checkout.session.expired": NoticeKind.EXPIRED,
    "checkout.session.async_payment_failed": NoticeKind.FAILED,
    "charge.refunded": NoticeKind.REFUNDED,
}
_TYPES = [*_PAID, *_KINDS]
# Under this name our word for an order stands in all that the provider says about it.
_OURS = "lectern_checkout"


class Stripe:
    """An account at Stripe, or at a server that speaks like it."""

    def __init__(self, account: CardAccount) -> None:
        """Take the account that payments go to."""
        self._account = account

    def open(self, order: Order) -> Opened:
        """Create a Checkout Session.

        Raises GatewayFailed or OrderRefused.
        """
        headers = {"Idempotency-Key": order.key}
        status, body = self._ask("POST", "/v1/checkout/sessions", headers=headers, data=_session(order))
        if status >= 500 or status in _PASSING:
            raise GatewayFailed(f"The provider answers {status}.", answered=status >= 500)
        if status != 200:
            raise OrderRefused(f"The provider refuses the order with {status}.")
        return Opened(self._safe_url(body))

    def happened(self, since: datetime) -> list[Notice]:
        """List the events since then, the earliest first.

        Raises GatewayFailed.
        """
        wanted: dict[str, Any] = {"created[gte]": int(since.timestamp()), "limit": _PAGE, "types[]": _TYPES}
        found: list[Notice | None] = []
        for _ in range(_MOST_PAGES):
            status, body = self._ask("GET", "/v1/events", params=wanted)
            if status != 200:
                raise GatewayFailed(f"The provider answers {status}.", answered=True)
            try:
                page = loads(body)
                found += [_notice(event["id"], event["type"], event["data"]["object"]) for event in page["data"]]
                if not page["has_more"]:
                    break
                wanted["starting_after"] = page["data"][-1]["id"]
            except (ValueError, KeyError, TypeError, IndexError):
                raise GatewayFailed("The provider's answer is no list of events.", answered=True) from None
        # The newest stand first.
        return [notice for notice in reversed(found) if notice]

    def _ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **sent: Any) -> tuple[int, bytes]:
        """Return the status and the beginning of the answer.

        Raises GatewayFailed if there is none.
        """
        authorization = {"Authorization": f"Bearer {self._account.secret_key}"}
        address = f"{self._account.url}{path}"
        bounds: dict[str, Any] = {"timeout": _TIMEOUT, "allow_redirects": False, "stream": True}
        try:
            answer = requests.request(method, address, headers=authorization | (headers or {}), **bounds, **sent)
            return answer.status_code, answer.raw.read(_LONGEST_ANSWER, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise GatewayFailed(f"The provider cannot be reached: {type(error).__name__}.", answered=False) from error

    def _safe_url(self, body: bytes) -> str:
        """Take the page's address from an answer: browsers are sent there."""
        try:
            url = str(loads(body)["url"])
        except (ValueError, KeyError, TypeError):
            raise GatewayFailed("The provider's answer has no address.", answered=True) from None
        allowed = {"https", urlsplit(self._account.url).scheme}
        if urlsplit(url).scheme not in allowed:
            raise OrderRefused("The provider's page has an address that no browser is sent to.")
        return url

    def read(self, body: bytes, signature: str, now: datetime) -> Notice | None:
        """Read an event, after its signature and the time in it have been checked.

        Raises NotSigned.
        """
        self._check(body, signature, now)
        try:
            event = loads(body)
            return _notice(event["id"], event["type"], event["data"]["object"])
        except (ValueError, KeyError, TypeError):
            raise NotSigned("This is no event.") from None

    def _check(self, body: bytes, signature: str, now: datetime) -> None:
        pairs = [part.strip().partition("=")[::2] for part in signature.split(",")]
        times = [value for name, value in pairs if name == "t" and value.isascii() and value.isdigit()]
        if len(times) != 1 or len(times[0]) > 12:
            raise NotSigned("The signature has no time.")
        if abs(now.timestamp() - int(times[0])) > TOLERANCE.total_seconds():
            raise NotSigned("The signature is of another time.")
        signed = times[0].encode() + b"." + body
        expected = hmac.new(self._account.webhook_secret.encode(), signed, "sha256").hexdigest().encode()
        # While a secret is replaced there are two signatures.
        found = [hmac.compare_digest(expected, value.encode()) for name, value in pairs if name == "v1"]
        if not any(found):
            raise NotSigned("The signature is not ours.")


def _session(order: Order) -> dict[str, str | int]:
    units = to_units(order.amount_cents, order.currency)
    if units is None:
        raise OrderRefused("This amount cannot be paid exactly.")
    price = "line_items[0][price_data]"
    return {
        "mode": "payment",
        "client_reference_id": order.token,
        f"metadata[{_OURS}]": order.token,
        # Notices about refunds have the metadata of the payment alone.
        f"payment_intent_data[metadata][{_OURS}]": order.token,
        "line_items[0][quantity]": 1,
        f"{price}[currency]": order.currency.lower(),
        f"{price}[unit_amount]": units,
        f"{price}[product_data][name]": order.title,
        "expires_at": int(order.expires_at.timestamp()),
        "success_url": order.return_url,
        "cancel_url": order.return_url,
    }


def _notice(event_id: str, type_: str, about: dict[str, Any]) -> Notice | None:
    """Say an event in our words, or None if it is about nothing of ours."""
    token = (about.get("metadata") or {}).get(_OURS)
    kind = _kind_of(type_, about)
    if not token or kind is None:
        return None
    currency = str(about["currency"]).upper()
    units = about["amount_refunded"] if kind == NoticeKind.REFUNDED else about["amount_total"]
    return Notice(
        id=str(event_id),
        token=str(token),
        kind=kind,
        reference=str(about.get("payment_intent") or about["id"])[:140],
        amount_cents=to_cents(int(units), currency),
        currency=currency,
    )


def _kind_of(type_: str, about: dict[str, Any]) -> NoticeKind | None:
    if type_ in _PAID:
        # Some ways to pay take days: then it is completed first, and paid later.
        return NoticeKind.PAID if about.get("payment_status") == "paid" else None
    return _KINDS.get(type_)
