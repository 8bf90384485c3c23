"""What teachers enter about their time, for tests that compute with it."""

from __future__ import annotations

from typing import Any

from schedule.schemas import AvailabilitySchema
from schedule.times.rules import Entered, Rules, Weekday, read_rules

DEFAULTS: dict[str, Any] = {
    "weekly": [],
    "exceptions": [],
    "time_off": [],
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "minimum_notice_minutes": 0,
    "horizon_days": 730,
    "max_per_day": None,
    "max_per_week": None,
    "slot_step_minutes": None,
}


def rules_from(body: dict[str, Any], zone: str = "UTC") -> Rules:
    """The rules that come of a body, as a PUT and a later read would make them."""
    return read_rules(entered(body, zone))


def entered(body: dict[str, Any], zone: str = "UTC") -> Entered:
    """A schedule as a later read finds it."""
    return Entered(zone, AvailabilitySchema().load(body))


def weekly(*windows: str) -> list[dict[str, str]]:
    """Windows written as "monday 09:00-17:00"; "daily" stands for every day."""
    rows = []
    for window in windows:
        day, _, times = window.partition(" ")
        start, end = times.split("-")
        days = list(Weekday) if day == "daily" else [day]
        rows += [{"weekday": str(each), "start": start, "end": end} for each in days]
    return rows


def exception(date: str, *windows: str) -> dict[str, Any]:
    """An exception with windows written as "09:00-17:00"."""
    return {"date": date, "windows": [dict(zip(("start", "end"), it.split("-"), strict=True)) for it in windows]}
