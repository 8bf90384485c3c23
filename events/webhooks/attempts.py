"""One attempt to hand a message to its receiver."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import perf_counter

import outgoing
from events.webhooks import signing
from events.webhooks.models import LONGEST_ANSWER, LONGEST_ERROR

SECONDS, MOST_ANSWERED = 10.0, 64 * 1024
GONE = 410
# Too many requests, and not available: what may come with a Retry-After. A longer one is cut, so that a mistake in it
# does not keep back everything for days.
BUSY, LONGEST_ASKED = (429, 503), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message on its way: all that an attempt needs, so that it needs no database."""

    delivery_id: int
    webhook_id: int
    event_id: str
    is_test: bool
    attempts: int
    url: str
    payload: str
    keys: tuple[bytes, ...]
    # Why nothing can be sent.
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of one attempt."""

    parcel: Parcel
    at: datetime
    milliseconds: int = 0
    status: int | None = None
    answer: str = ""
    error: str = ""
    # For how long the receiver wants to be left alone.
    asks_for: timedelta = timedelta()

    @property
    def succeeded(self) -> bool:
        """Tell whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300


def attempt(parcel: Parcel, now: datetime) -> Attempt:
    """Send a message.

    No exception leaves it, because other messages follow.
    """
    if parcel.refusal:
        return Attempt(parcel=parcel, at=now, error=parcel.refusal)
    began = perf_counter()
    try:
        answer = _send(parcel, now)
    except (outgoing.AddressRefused, outgoing.NoAnswer) as error:
        return Attempt(parcel=parcel, at=now, milliseconds=_since(began), error=str(error)[:LONGEST_ERROR])
    text = answer.body.decode("utf-8", "replace").replace("\0", "")[:LONGEST_ANSWER]
    return Attempt(
        parcel=parcel,
        at=now,
        milliseconds=_since(began),
        status=answer.status,
        answer=text,
        error=_explain(answer.status),
        asks_for=_asked_pause(answer, now),
    )


def _send(parcel: Parcel, now: datetime) -> outgoing.Answer:
    payload = parcel.payload.encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Lectern-Webhooks"}
    return outgoing.call(
        parcel.url,
        method="POST",
        headers=headers | signing.headers(parcel.event_id, payload, parcel.keys, now),
        body=payload,
        most_bytes=MOST_ANSWERED,
        seconds=SECONDS,
    )


def _asked_pause(answer: outgoing.Answer, now: datetime) -> timedelta:
    """Return the pause that an overloaded receiver asks for: a number of seconds, or a date."""
    said = answer.headers.get("retry-after", "").strip()
    if answer.status not in BUSY or not said:
        return timedelta()
    # A number with more digits is beyond the longest pause anyway, and may be too large for Python's dates.
    if said.isascii() and said.isdecimal():
        return min(timedelta(seconds=int(said[:9])), LONGEST_ASKED)
    with suppress(ValueError, OverflowError):
        until = parsedate_to_datetime(said)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(timedelta(), min(until - now, LONGEST_ASKED))
    return timedelta()


def _explain(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if status == GONE:
        return "The receiver wants no more messages."
    if 300 <= status < 400:
        return "The receiver answers with another address, which is not followed."
    return "The receiver did not take the message."


def _since(began: float) -> int:
    return round((perf_counter() - began) * 1000)
