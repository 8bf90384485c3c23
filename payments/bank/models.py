"""Lines of a bank's file, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Match(StrEnum):
    """What a line of a bank's file has to do with payments."""

    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"
    ALREADY = "already"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a bank's file, as it was understood.

    `problem` says why it was not.
    """

    number: int
    cells: tuple[str, ...] = ()
    day: date | None = None
    amount_cents: int = 0
    currency: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A payment that was reported with a reference, or a package that was asked for."""

    id: int
    is_package: bool = False
    reference: str
    amount_cents: int
    currency: str
    status: str
    student_id: int
    student_name: str


@dataclass(slots=True)
class Outcome:
    """What became of a line."""

    entry: Entry
    match: Match
    detail: str = ""
    # Payments and packages that the line names.
    named: list[Reported] = field(default_factory=list)
