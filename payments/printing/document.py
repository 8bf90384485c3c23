"""What is said about a document without printing it: its media type, its columns, its days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

MEDIA_TYPE = "application/pdf"
# How the OpenAPI document describes such an answer.
FILE = {"type": "string", "contentMediaType": MEDIA_TYPE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: its heading, its share of the width, and whether it has amounts."""

    heading: str
    width: int
    is_amount: bool = False


def written_day(day: date) -> str:
    """Write a day in full, so that it means the same in every country: "27 November 2026"."""
    return f"{day.day} {day:%B %Y}"


def written_lesson(start: datetime, end: datetime) -> str:
    """Write when a lesson takes place: "27 Nov 2026, 16:00–16:45".

    Both instants are in the zone that they are meant in.
    """
    clock = "%H:%M" if start.utcoffset() == end.utcoffset() else "%H:%M %Z"
    return f"{start.day} {start:%b %Y}, {start:{clock}}–{end:{clock}}"
