"""What the browser's tabs and its history say."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


def test_pages_that_are_alike_have_titles_that_are_not(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    paths = {
        "": ("/", "/gigs", "/gigs?q=piano", "/teachers"),
        "teacher": ("/", "/schedule", "/schedule?date=2026-12-01", "/schedule/day", "/schedule/day?date=2026-12-01"),
        "calendar": ("/calendar", "/calendar?date=2026-12-01"),
    }

    for who, alike in paths.items():
        visitor = visit(teacher) if who else visit()
        titles = [_title(visitor.open(path)) for path in alike]
        assert len({*titles}) == len(alike), titles


def _title(visitor: Visitor) -> str:
    (title,) = re.findall(r"<title>(.*?)</title>", visitor.answer.text)
    return str(title)
