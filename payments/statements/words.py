"""What rows of a statement are called, on pages, on paper and in files."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from jsontext import JsonObject
from payments.statements.queries import RowKind

_WORDS = {
    RowKind.PACKAGE: "Package",
    RowKind.PACKAGE_PAID: "Package paid",
    RowKind.PACKAGE_ENDED: "Lessons of a package not taken",
    RowKind.PACKAGE_REFUNDED: "Given back for a package",
    RowKind.PACKAGE_UNNEEDED: "Came by card and is not needed",
    RowKind.PACKAGE_UNNEEDED_REFUNDED: "Given back, as it was not needed",
    RowKind.LESSON: "Lesson",
    RowKind.FEE: "Fee for a lesson that did not take place",
    RowKind.WAIVED: "Fee let off",
    RowKind.REPORTED: "Payment reported",
    RowKind.RECEIVED: "Payment received",
    RowKind.REJECTED: "Payment not found",
    RowKind.CREDIT_MOVED: "Credit moved to another lesson",
    RowKind.CREDIT_USED: "Paid by credit",
    RowKind.REFUNDED: "Given back",
}


def what(row: JsonObject) -> str:
    """Say what a row is."""
    return _WORDS[RowKind(row["kind"])]


def about(row: JsonObject, role: str) -> str:
    """Say which lesson or package a row is about, and with whom the reader has it."""
    other = row["student" if role == "teacher" else "teacher"]["name"]
    return f"{title(row)}, {other}"


def title(row: JsonObject) -> str:
    """Say which lesson or package a row is about."""
    package = row["package"]
    return f"{package['lessons']} lessons of {package['title']}" if package else str(row["booking"]["title"])


def further(row: JsonObject) -> str:
    """Say what else is known of a row."""
    return " · ".join(text for text in (row["reference"], row["reason"]) if text)


def day_of(row: JsonObject, zone: str) -> datetime:
    """Return when a row was, on the clocks of a zone."""
    return datetime.fromisoformat(row["at"]).astimezone(ZoneInfo(zone))
