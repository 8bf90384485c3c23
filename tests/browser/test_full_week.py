"""A full-time teacher's week from Monday's requests to Friday's "all of these took place", four times over.

On a desk with a mouse, on a phone, with the keyboard alone, and on a tablet without JavaScript. The server's clock is
the test's, so that each evening comes after its lessons.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.full_week import BERLIN, SINGERS, THURSDAY, Week, make
from tests.browser.hands import Finger, Keyboard, Thumb
from tests.browser.serving import serving
from tests.browser.test_journey import message
from tests.conftest import FakeClock
from tests.support.world import PASSWORD, World

WAYS: dict[str, tuple[Finger, dict[str, object]]] = {
    "desk": (Finger(), {"viewport": {"width": 1280, "height": 900}}),
    "phone": (Thumb(), {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}),
    "keyboard": (Keyboard(), {"viewport": {"width": 1280, "height": 900}}),
    "no script": (Finger(), {"viewport": {"width": 820, "height": 1180}, "java_script_enabled": False}),
}
MONDAY = datetime(2026, 11, 23, tzinfo=BERLIN)
# So many lessons with one student are over in the evening of each day: eight, the answered requests, and a new one.
OVER = (9, 10, 9, 9, 8)
FRIDAY = len(OVER) - 1

# How a page of paper is named in a PDF.
SHEET = re.compile(rb"/Type\s*/Page\b")


class Teacher:
    """The teacher at their page, who uses it in their own way, and the clock on their wall."""

    def __init__(self, page: Page, way: str, clock: FakeClock) -> None:
        self.page = page
        self.hand = WAYS[way][0]
        self.has_mouse = way == "desk"
        self._clock = clock

    def wait_until(self, instant: datetime) -> None:
        self._clock.instant = instant.astimezone(UTC)

    def press(self, it: Locator) -> None:
        """Press something on a page that does not scroll sideways."""
        assert self.page.locator("html").evaluate("it => it.scrollWidth <= it.clientWidth"), self.page.url
        self.hand.press(it)

    def go(self, path: str) -> None:
        self.page.goto(path)

    def sign_in(self, email: str) -> None:
        self.go("/sign-in")
        self.hand.write(self.page.get_by_label("E-mail address"), email)
        self.hand.write(self.page.get_by_label("Password"), PASSWORD)
        self.press(self.page.get_by_role("button", name="Sign in"))
        self.page.wait_for_url(re.compile("/lessons(#|$)"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MONDAY.replace(hour=7, minute=30).astimezone(UTC))


@pytest.fixture
def week(world: World) -> Week:
    return make(world.app, MONDAY)


@pytest.fixture(params=WAYS)
def teacher(
    request: pytest.FixtureRequest, world: World, week: Week, browser: Browser, clock: FakeClock
) -> Iterator[Teacher]:
    _, options = WAYS[request.param]
    with serving(world.app) as url, browser.new_context(base_url=url, locale="en-GB", **options) as profile:  # type: ignore[arg-type]
        teacher = Teacher(profile.new_page(), request.param, clock)
        teacher.sign_in(week.email)
        yield teacher


def test_a_full_week(teacher: Teacher, week: Week, world: World) -> None:
    accept_what_waits(teacher)
    enter_a_lesson(teacher, week)
    write_down(teacher)
    move_a_lesson(teacher, week)
    look_at_the_week(teacher, week)
    for day in range(FRIDAY + 1):
        # The choir is over at a quarter past nine.
        teacher.wait_until(week.monday + timedelta(days=day, hours=21, minutes=30))
        if day == THURSDAY:
            hold_the_choir(teacher, week)
        say_what_took_place(teacher, OVER[day])
    fall_ill(teacher, week)

    all_of_it_took_place(teacher, week)
    the_students_see_the_same(world, week)


def accept_what_waits(teacher: Teacher) -> None:
    """Answer all requests together, and the wish for another time by itself."""
    waiting = teacher.page.get_by_role("region", name="Waiting for you")
    # Four of them want to sing.
    expect(waiting.get_by_role("listitem")).to_have_count(9)
    teacher.press(waiting.get_by_role("button", name="Accept all 8"))
    message(teacher.page, "8 lessons")
    teacher.press(teacher.page.get_by_role("button", name="Accept the new time").first)
    message(teacher.page, "new time")
    expect(waiting).to_have_count(0)


def enter_a_lesson(teacher: Teacher, week: Week) -> None:
    """Enter what was agreed on the telephone, for Tuesday at one: with a mouse by a click on that hour."""
    page, tuesday = teacher.page, week.monday + timedelta(days=1)
    teacher.go(f"/schedule?date={tuesday:%Y-%m-%d}")
    expect(page.locator(".cal-block")).to_have_count(45)
    hour = page.locator(f'a.cal-hour[href*="at={tuesday.replace(hour=12).astimezone(UTC):%Y-%m-%dT%H}"]')
    if teacher.has_mouse:
        hour.click()
        expect(page.get_by_label("Time", exact=True)).to_have_value("12:00")
    else:
        teacher.press(page.get_by_role("link", name="Enter a lesson").first)
    teacher.hand.pick(page.get_by_label("Student"), "Mila Hoffmann")
    teacher.hand.pick(page.get_by_label("Gig"), "Violin, one to one")
    choose_time(teacher, tuesday.replace(hour=13))
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
    own = page.locator("input[name=starts_at][value=other]")
    teacher.hand.choose(own)
    choose_time(teacher, week.monday.replace(hour=12, minute=30))
    teacher.press(page.get_by_role("button", name="Move this lesson"))
    message(page, "The lesson is moved to")


def look_at_the_week(teacher: Teacher, week: Week) -> None:
    """See that the week, in which the choir is one block, prints on one page."""
    page = teacher.page
    teacher.go(f"/schedule?date={week.monday:%Y-%m-%d}")
    expect(page.locator(".cal-block")).to_have_count(46)
    expect(page.get_by_role("link", name="Courtyard choir, 4 of 8")).to_have_count(1)
    assert len(SHEET.findall(page.pdf(prefer_css_page_size=True))) == 1


def hold_the_choir(teacher: Teacher, week: Week) -> None:
    """Say of the whole choir that it took place, and who was not there."""
    page = teacher.page
    teacher.go(f"/schedule/day?date={week.monday + timedelta(days=THURSDAY):%Y-%m-%d}")
    teacher.press(page.get_by_role("link", name="Courtyard choir, 4 of 8"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Courtyard choir")
    expect(page.locator(".roster > li")).to_have_count(SINGERS)
    teacher.hand.choose(page.get_by_role("checkbox", name=re.compile("Absent.*Ben Yılmaz")))
    teacher.press(page.get_by_role("button", name="It took place"))
    message(page, "All its lessons are noted as done.")
    expect(page.locator("main")).to_contain_text("This session took place.")
    expect(page.locator(".roster > li", has_text="Ben Yılmaz")).to_contain_text("Was absent")


def say_what_took_place(teacher: Teacher, number: int) -> None:
    """Complete all lessons of a day in its evening."""
    page = teacher.page
    teacher.go("/")
    teacher.press(page.get_by_role("button", name="All of these took place"))
    message(page, f"{number} lessons are")
    expect(page.get_by_role("region", name="Did these take place?")).to_have_count(0)


def fall_ill(teacher: Teacher, week: Week) -> None:
    """Cancel all of next Monday for one reason."""
    page = teacher.page
    teacher.go(f"/schedule/day?date={week.monday + timedelta(days=7):%Y-%m-%d}")
    teacher.press(page.get_by_role("link", name="I am ill"))
    teacher.hand.write(page.get_by_label("Reason"), "I am ill and hope to be back on Tuesday.")
    teacher.press(page.get_by_role("button", name="Cancel what is ticked"))
    message(page, "8 lessons")
    expect(page.locator(".cal-block")).to_have_count(0)


def all_of_it_took_place(teacher: Teacher, week: Week) -> None:
    """See that nothing of the week is open, on the start page and in the week."""
    page = teacher.page
    teacher.go("/")
    for left in ("Waiting for you", "Did these take place?"):
        expect(page.get_by_role("region", name=left)).to_have_count(0)
    teacher.go(f"/schedule?date={week.monday:%Y-%m-%d}")
    expect(page.locator(".cal-block")).to_have_count(46)


def the_students_see_the_same(world: World, week: Week) -> None:
    """Compare what the teacher and each of the thirty students are told about the lessons of both weeks."""
    taught = lessons_of(world, week.email)
    met = [lesson for email in week.students for lesson in lessons_of(world, email)]

    assert sorted(met) == sorted(taught)
    assert Counter(status for _, _, status in taught) == {
        "completed": sum(OVER) + SINGERS - 1,
        "no_show": 1,
        "cancelled": 8,
    }
    assert len({email for email in week.students if lessons_of(world, email)}) == 30
    times = {booking_id: starts_at for booking_id, starts_at, _ in met}
    assert (times[week.asked], times[week.other]) == ("2026-11-23T17:00:00Z", "2026-11-23T11:30:00Z")


def lessons_of(world: World, email: str) -> list[tuple[int, str, str]]:
    """Read the lessons of somebody who signs in: which, when, and what became of them."""
    signed_in = world.anyone.post("/api/auth/login", json={"email": email, "password": PASSWORD}).json
    headers, cursor, found = {"Authorization": f"Bearer {signed_in['access_token']}"}, "", []
    while cursor is not None:
        page = world.anyone.get(f"/api/bookings?limit=50&cursor={cursor}".removesuffix("&cursor="), headers=headers)
        found += [(it["id"], it["starts_at"], it["status"]) for it in page.json["data"]]
        cursor = page.json["next_cursor"]
    return found


def choose_time(teacher: Teacher, instant: datetime) -> None:
    """Enter a day and a time of one's own."""
    teacher.hand.enter_day(teacher.page.get_by_label("Day", exact=True), instant)
    teacher.hand.enter_time(teacher.page.get_by_label("Time", exact=True), instant)
