"""A full-time teacher's week from Monday's requests to "all of these took place", three times over.

On a desk with a mouse, with the keyboard alone, and on a phone without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.full_week import Week
from tests.browser.hands import Finger, Keyboard
from tests.browser.school import School
from tests.browser.test_journey import message

WAYS: dict[str, tuple[Finger, dict[str, object]]] = {
    "desk": (Finger(), {"viewport": {"width": 1280, "height": 900}}),
    "keyboard": (Keyboard(), {"viewport": {"width": 1280, "height": 900}}),
    "phone": (Finger(), {"viewport": {"width": 360, "height": 780}, "java_script_enabled": False}),
}

# How a page of paper is named in a PDF.
SHEET = re.compile(rb"/Type\s*/Page\b")


class Teacher:
    """The teacher at their page, who uses it in their own way."""

    def __init__(self, page: Page, way: str) -> None:
        self.page = page
        self.hand = WAYS[way][0]
        self.has_mouse = way == "desk"

    def press(self, it: Locator) -> None:
        """Press something on a page that does not scroll sideways."""
        assert self.page.locator("html").evaluate("it => it.scrollWidth <= it.clientWidth"), self.page.url
        self.hand.press(it)

    def go(self, path: str) -> None:
        self.page.goto(path)


@pytest.mark.parametrize("way", WAYS)
def test_a_full_week(school: School, open_browser: Callable[..., Page], way: str) -> None:
    week = school.full_week(f"teacher-{way}", datetime.now(UTC))
    page = open_browser(**WAYS[way][1])
    school.sign_in(page, week.email)
    teacher = Teacher(page, way)

    accept_what_waits(teacher)
    enter_a_lesson(teacher, week)
    write_down(teacher)
    move_a_lesson(teacher, week)
    look_at_the_choir(teacher, week)
    fall_ill(teacher, week)
    say_what_took_place(teacher)


def accept_what_waits(teacher: Teacher) -> None:
    """Answer all requests together, and the wish for another time by itself."""
    waiting = teacher.page.get_by_role("region", name="Waiting for you")
    # Three of them want to sing.
    expect(waiting.get_by_role("listitem")).to_have_count(8)
    teacher.press(waiting.get_by_role("button", name="Accept all 7"))
    message(teacher.page, "7 lessons")
    teacher.press(teacher.page.get_by_role("button", name="Accept the new time").first)
    message(teacher.page, "new time")
    expect(waiting).to_have_count(0)


def enter_a_lesson(teacher: Teacher, week: Week) -> None:
    """Enter what was agreed on the telephone, for Tuesday at one: with a mouse by a click on that hour."""
    page, tuesday = teacher.page, week.monday + timedelta(days=1)
    teacher.go(f"/schedule?date={tuesday:%Y-%m-%d}")
    expect(page.locator(".cal-block")).to_have_count(45)
    if teacher.has_mouse:
        page.locator(f'a.cal-hour[href*="at={tuesday.replace(hour=12).astimezone(UTC):%Y-%m-%dT%H}"]').click()
        expect(page.get_by_label("Time", exact=True)).to_have_value("12:00")
    else:
        teacher.press(page.get_by_role("link", name="Enter a lesson").first)
    teacher.hand.pick(page.get_by_label("Student"), "Mila Hoffmann")
    teacher.hand.pick(page.get_by_label("Gig"), "Violin, one to one")
    choose_time(page, tuesday, "13:00")
    teacher.press(page.get_by_role("button", name="Enter this lesson"))
    message(page, "Mila Hoffmann is told.")


def write_down(teacher: Teacher) -> None:
    """Write to the student about the new lesson, and note something about them."""
    page = teacher.page
    teacher.hand.write(page.get_by_label("Your message"), "I hope one o’clock suits you.")
    teacher.press(page.get_by_role("button", name="Send to Mila"))
    message(page, "Your message is sent.")
    teacher.press(page.get_by_role("link", name="Mila Hoffmann", exact=True))
    teacher.hand.write(page.get_by_role("textbox", name="Note").first, "Sing the line first, then play it.")
    teacher.press(page.get_by_role("button", name="Save this note"))
    message(page, "The note is saved.")


def move_a_lesson(teacher: Teacher, week: Week) -> None:
    """Move Monday's third lesson to a time of their own."""
    page = teacher.page
    teacher.go(f"/lessons/{week.other}")
    teacher.press(page.get_by_role("link", name="Move", exact=False).first)
    choose_time(page, week.monday, "12:30")
    own = page.locator("input[name=starts_at][value=other]")
    if not own.is_checked():
        own.check()
    teacher.press(page.get_by_role("button", name="Move this lesson"))
    message(page, "The lesson is moved to")


def look_at_the_choir(teacher: Teacher, week: Week) -> None:
    """See in the week, which prints on one page, that the choir is one block, and who comes."""
    page = teacher.page
    teacher.go(f"/schedule?date={week.monday:%Y-%m-%d}")
    if teacher.has_mouse:
        assert len(SHEET.findall(page.pdf(prefer_css_page_size=True))) == 1
    teacher.press(page.get_by_role("link", name="Courtyard choir, 3 of 8"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Courtyard choir")
    expect(page.locator("main")).to_contain_text("Mila Hoffmann")


def fall_ill(teacher: Teacher, week: Week) -> None:
    """Cancel all of Friday for one reason."""
    page = teacher.page
    teacher.go(f"/schedule/day?date={week.monday + timedelta(days=4):%Y-%m-%d}")
    teacher.press(page.get_by_role("link", name="I am ill"))
    teacher.hand.write(page.get_by_label("Reason"), "I am ill and hope to be back on Monday.")
    teacher.press(page.get_by_role("button", name="Cancel what is ticked"))
    message(page, "8 lessons")
    expect(page.locator(".cal-block")).to_have_count(0)


def say_what_took_place(teacher: Teacher) -> None:
    """Complete all that is over."""
    page = teacher.page
    teacher.go("/")
    teacher.press(page.get_by_role("button", name="All of these took place"))
    message(page, "3 lessons are")
    expect(page.get_by_role("region", name="Did these take place?")).to_have_count(0)


def choose_time(page: Page, day: datetime, clock: str) -> None:
    """Fill in a day and a time: which keys they take depends on the language of the machine."""
    page.get_by_label("Day", exact=True).fill(f"{day:%Y-%m-%d}")
    page.get_by_label("Time", exact=True).fill(clock)
