"""The page of a month: its figures are those that one gets by adding up lesson by lesson."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

import pytest

from tests.pages.visitor import Visitor
from tests.payments.conftest import Till
from tests.support.world import Person, World
from web.amounts import money

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MONTH = "/payments/month?month=2026-11"
COLUMNS = ("Earned", "Still to come", "Received", "Open", "Credit")


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A lesson, and what has happened about its money."""

    teacher: Person
    student: Person
    price: int
    paid: int = 0
    back: int = 0
    reported: int = 0
    to_come: bool = False

    @property
    def figures(self) -> tuple[int, ...]:
        """What it adds to each column."""
        kept = self.paid - self.back
        due = (0, self.price) if self.to_come else (self.price, 0)
        return (*due, kept, max(0, self.price - kept - self.reported), max(0, kept - self.price))


def test_a_teachers_and_the_schools_month_show_the_sums_of_their_lessons(world: World) -> None:
    grace, alan = world.teacher(name="Grace Hopper"), world.teacher(name="Alan Turing")
    ada, kurt = world.student(name="Ada Lovelace"), world.student(name="Kurt Gödel")
    lessons = [
        Lesson(teacher=grace, student=ada, price=3000, paid=3700, back=200),
        Lesson(teacher=grace, student=ada, price=2550, reported=1050),
        Lesson(teacher=grace, student=kurt, price=4100, paid=1500),
        Lesson(teacher=grace, student=kurt, price=1999, to_come=True),
        Lesson(teacher=alan, student=ada, price=610, paid=610, back=110),
        Lesson(teacher=alan, student=kurt, price=5003),
    ]
    for lesson in lessons:
        happen(world, lesson)

    for reader, seen in ((grace, lessons[:4]), (alan, lessons[4:]), (world.admin(), lessons)):
        page = Visitor(world.app).sign_in(reader).open(MONTH).answer.text
        assert tiles(page) == expected_tiles(seen)
        assert rows(page, "students") == expected_rows(seen, "student")
        assert rows(page, "teachers") == (expected_rows(seen, "teacher") if seen == lessons else {})


def happen(world: World, lesson: Lesson) -> None:
    gig = world.gig(lesson.teacher, price_cents=lesson.price)
    if lesson.to_come:
        world.accepted(lesson.student, lesson.teacher, gig, starts_at="2026-11-29T10:00:00Z")
        return
    till = Till(world, lesson.student, lesson.teacher, gig)
    booking = till.lesson()
    if lesson.paid:
        payment = till.paid(booking, lesson.paid, advance=lesson.paid > lesson.price)
        assert not lesson.back or till.refund(payment, lesson.back).status_code == 201
    if lesson.reported:
        assert till.pay(booking, lesson.reported).status_code == 201


def added(lessons: Iterable[Lesson]) -> dict[str, int]:
    figures = [lesson.figures for lesson in lessons]
    return {name: sum(column) for name, column in zip(COLUMNS, zip(*figures, strict=True), strict=True)}


def expected_tiles(lessons: list[Lesson]) -> dict[str, str]:
    beside = {
        "To be checked": sum(lesson.reported for lesson in lessons),
        "Given back": sum(lesson.back for lesson in lessons),
    }
    sums = added(lessons) | beside
    return {name: money(cents, "EUR") for name, cents in sums.items() if cents or name in COLUMNS[:4]}


def expected_rows(lessons: list[Lesson], who: str) -> dict[str, list[str]]:
    found = {}
    for name in {getattr(lesson, who).name for lesson in lessons}:
        own = [lesson for lesson in lessons if getattr(lesson, who).name == name]
        found[name] = [str(len(own)), *(money(cents, "EUR") for cents in added(own).values())]
    return found


def tiles(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt[^>]*>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", page))


def rows(page: str, part: str) -> dict[str, list[str]]:
    """The cells of each person in one of the tables, by name."""
    _, _, rest = page.partition(f'<h2 id="{part}">')
    body = rest.partition("</table>")[0].partition("<tbody>")[2]
    found = {}
    for row in body.split("<tr>")[1:]:
        name, *cells = re.findall(r"<(?:a|td)[^>]*>([^<]*)</(?:a|td)>", row)
        found[unescape(name)] = cells
    return found
