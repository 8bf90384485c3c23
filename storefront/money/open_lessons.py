"""What is open with people, as a page shows it now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from jsontext import JsonObject


def open_now(owed: Iterable[JsonObject], now: datetime) -> list[JsonObject]:
    """List people by their names, those first with whom something is to be paid by now."""
    return sorted((_split(one, now) for one in owed), key=lambda one: not one["due_now_cents"])


def _split(owed: JsonObject, now: datetime) -> JsonObject:
    """Tell the lessons that have begun, which are to be paid, from those to come, which may be."""
    over: list[JsonObject] = []
    to_come: list[JsonObject] = []
    for lesson in owed["lessons"]:
        (over if datetime.fromisoformat(lesson["booking"]["starts_at"]) <= now else to_come).append(lesson)
    # The oldest are named first. So if one to come is named, or none is missing, all that are over are named.
    all_over = to_come or owed["open_lessons"] == len(owed["lessons"])
    due_now = sum(lesson["open_cents"] for lesson in over) if all_over else owed["open_cents"]
    return owed | {"over": over, "to_come": to_come, "due_now_cents": due_now}
