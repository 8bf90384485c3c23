"""What no request waits for: the calls of the provider."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs.registry import Handler, Periodic
from jsontext import JsonObject
from payments.checkout.asking import ask_again
from payments.checkout.opening import open_page
from payments.checkout.service import OPEN_JOB


def open_checkout(arguments: JsonObject, now: datetime) -> None:
    """Open the provider's page.

    A second call finds that it is open. If the answer to the first one got lost, the provider knows the call again by
    its key.
    """
    open_page(arguments["checkout_id"], now)


HANDLERS = (Handler(name=OPEN_JOB, run=open_checkout, attempts=6, limit=timedelta(minutes=1)),)
PERIODIC = (Periodic(name="payments.ask-about-checkouts", every=timedelta(minutes=10), run=ask_again),)
