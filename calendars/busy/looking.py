"""Look at a feed: fetch it, and find out when its events take place.

No database is asked here.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import urljoin

import outgoing
from calendars.busy.expansion import MODULE, Found, Wanted
from config import ROOT
from outgoing import AddressRefused, Answer, NoAnswer
from schedule.times.rules import HORIZON_DAYS

MOST_BYTES = 5_000_000
FETCH_SECONDS = 10.0
# Beside its processor time the computing process has so long, on a busy machine.
COMPUTE_SECONDS = 30.0
MOST_REDIRECTS = 3
# What recurs for ever has a new last date each day.
COMPUTED_EVERY = timedelta(days=1)
LOOKS_BACK, LOOKS_AHEAD = timedelta(days=7), timedelta(days=HORIZON_DAYS + 2)
_LONGEST_WORD = 500

# Servers that make a feed anew for each request write the present time into every event.
_STAMP = re.compile(rb"^DTSTAMP[^\r\n]*\r?\n", re.MULTILINE)


class Unreadable(Exception):
    """A look at a feed has failed.

    The message says why, in words for its teacher.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a feed from the last look."""

    url: str
    zone: str
    etag: str | None = None
    last_modified: str | None = None
    # None if it has to be computed anew, whatever the feed says.
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look has seen.

    Without `found` there is nothing new.
    """

    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    found: Found | None = None


def window(now: datetime) -> tuple[datetime, datetime]:
    """Return the time that is computed: from some days ago to as far ahead as lessons can be booked."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - LOOKS_BACK, today + LOOKS_AHEAD


def look(known: Known, now: datetime) -> Seen:
    """Look at a feed.

    Raises Unreadable.
    """
    answer = _fetch(known)
    if answer.status == 304 and known.digest:
        return Seen(etag=known.etag, last_modified=known.last_modified, digest=known.digest)
    if answer.status != 200:
        raise Unreadable(f"The other server answered with {answer.status}.")
    if not answer.whole:
        raise Unreadable(f"It is larger than {MOST_BYTES // 1_000_000} MB.")
    digest = hashlib.sha256(_STAMP.sub(b"", answer.body)).hexdigest()
    start, end = (int(moment.timestamp()) for moment in window(now))
    found = None if digest == known.digest else compute(answer.body, Wanted(start=start, end=end, zone=known.zone))
    return Seen(
        etag=_word(answer.headers, "etag"),
        last_modified=_word(answer.headers, "last-modified"),
        digest=digest,
        found=found,
    )


def compute(feed: bytes, wanted: Wanted) -> Found:
    """Have another process find out when the events of a feed take place.

    Raises Unreadable.
    """
    given = json.dumps(asdict(wanted)).encode() + b"\n" + feed
    try:
        # Without the environment, which has passwords in it.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", MODULE],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},
            timeout=COMPUTE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(_TOO_MUCH) from None
    if done.returncode == 2:
        raise Unreadable("What came back is no calendar that can be read.")
    if done.returncode:
        raise Unreadable(_TOO_MUCH)
    said: dict[str, Any] = json.loads(done.stdout)
    return Found([(start, end, uid) for start, end, uid in said["times"]], said["until"])


_TOO_MUCH = "Its events take too long to work out. Does one of them repeat every second?"


def _fetch(known: Known) -> Answer:
    """Ask for the feed, and where it has moved to.

    Each address is checked like the first one.
    """
    headers = {"Accept": "text/calendar, */*;q=0.5", "User-Agent": "Lectern (calendars)"}
    if known.digest and known.etag:
        headers["If-None-Match"] = known.etag
    if known.digest and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    url, ends = known.url, monotonic() + FETCH_SECONDS
    try:
        for _ in range(1 + MOST_REDIRECTS):
            left = max(round(ends - monotonic(), 1), 0.1)
            answer = outgoing.call(url, headers=headers, most_bytes=MOST_BYTES, seconds=left)
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                return answer
            url = urljoin(url, answer.headers["location"])
    except (AddressRefused, NoAnswer, ValueError) as error:
        raise Unreadable(str(error)) from error
    raise Unreadable("The other server leads from one address to the next.")


def _word(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header to send back next time, if it is of a usual length and kind."""
    value = headers.get(name, "")
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= _LONGEST_WORD else None
