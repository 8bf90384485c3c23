"""What is done about lessons that were entered for an address."""

from __future__ import annotations

from datetime import datetime

from bookings.entering.asking import ASK, ask_now
from jobs.registry import Handler
from jsontext import JsonObject


def ask(arguments: JsonObject, now: datetime) -> None:
    """Ask the owner of an address whether lessons are theirs.

    A second call asks them once more, and does no harm.
    """
    ask_now(arguments["stand_in_id"], arguments["lessons"], by_id=arguments["by_id"], now=now)


HANDLERS = (Handler(name=ASK, run=ask),)
