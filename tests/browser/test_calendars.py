"""A teacher and a student look at their calendars, and take them along."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.full_week import BERLIN, make
from tests.browser.school import STUDENT, TEACHER, School
from tests.browser.serving import serving
from tests.browser.test_journey import picture
from tests.conftest import FakeClock
from tests.support.paper import text_of
from tests.support.world import PASSWORD, World


@pytest.mark.parametrize("width", [1280, 360])
def test_a_teacher_leafs_through_the_schedule_and_a_student_through_the_month(
    school: School, open_browser: Callable[..., Page], width: int
) -> None:
    options = {"java_script_enabled": False, "viewport": {"width": width, "height": 800}}
    teacher, student = open_browser(**options), open_browser(**options)
    school.sign_in(teacher, TEACHER)
    school.sign_in(student, STUDENT)

    teacher.get_by_role("link", name="Schedule").click()
    # On a phone the week begins today; the days before it are links.
    days = 7 if width > 960 else 7 - datetime.now(ZoneInfo("Europe/Berlin")).weekday()
    expect(teacher.get_by_role("heading", level=2)).to_have_count(days)
    expect(teacher.get_by_text("Today", exact=True)).to_be_visible()
    picture(teacher, "schedule-week")
    teacher.get_by_role("link", name="Next week").click()
    teacher.get_by_role("heading", level=2).first.get_by_role("link").click()
    picture(teacher, "schedule-day")
    teacher.get_by_role("link", name="Today", exact=True).click()
    expect(teacher.get_by_role("heading", level=1)).to_contain_text("today")

    student.get_by_role("link", name="Calendar", exact=True).click()
    picture(student, "month")
    if not student.locator(".month-lesson:visible").count():
        # The demo school's lessons lie around today, which may be the end of a month.
        student.get_by_role("link", name="Next month").click()
    student.locator(".month-lesson:visible").first.click()
    expect(student.get_by_role("heading", name="What happened")).to_be_visible()
    with student.expect_download() as download:
        student.get_by_role("link", name="Add to a calendar").click()
    assert len(icalendar.Calendar.from_ical(Path(download.value.path()).read_bytes()).events) == 1


@pytest.fixture
def full_week(world: World, clock: FakeClock, browser: Browser) -> Iterator[Page]:
    """The page of a full-time teacher in the early morning of Monday 23 November."""
    monday = datetime(2026, 11, 23, tzinfo=BERLIN)
    clock.instant = monday.replace(hour=7, minute=30).astimezone(UTC)
    week = make(world.app, monday)
    with serving(world.app) as url, browser.new_context(base_url=url, locale="en-GB") as profile:
        page = profile.new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(week.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
        yield page


def test_a_month_and_a_day_print_on_one_page_each_and_lessons_begin_on_the_first(full_week: Page) -> None:
    page = full_week

    (month,) = printed(page, "/calendar")
    (day,) = printed(page, "/schedule/day")
    first, *more = printed(page, "/lessons")

    page.goto("/calendar")
    # A day of eight lessons has three more than a screen shows, and paper shows them without a link.
    expect(page.locator(".month-more").first).to_be_visible()
    expect(page.locator(".month-rest").first).to_be_hidden()
    assert re.search(r"\+\d+ more", month) is None
    assert len(re.findall(r"\d\d:\d\d–\d\d:\d\d", month)) == page.locator(".month-lesson").count() > 40
    assert len(re.findall(r"\d\d:\d\d–\d\d:\d\d", day)) >= 8
    # No white page: a list that is longer than one begins below its heading.
    assert len(re.findall(r"\d\d:\d\d–\d\d:\d\d", first)) >= 10
    assert len(more) <= 3


def printed(page: Page, path: str) -> list[str]:
    """Return what stands on each sheet of paper."""
    page.goto(path, wait_until="networkidle")
    return text_of(page.pdf(prefer_css_page_size=True))


def test_a_calendar_program_follows_the_address_until_it_is_stopped(
    school: School, open_browser: Callable[..., Page]
) -> None:
    page = open_browser(java_script_enabled=False)
    school.register(page, "Student", "Mia Lindqvist")
    page.goto("/profile")

    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("Your address").input_value()
    followed = page.request.get(address)
    page.locator("summary", has_text="Stop the feed").click()
    page.get_by_role("button", name="Stop the feed").click()

    assert icalendar.Calendar.from_ical(followed.body()).events == []
    expect(page.get_by_role("status")).to_contain_text("does not work any more")
    assert page.request.get(address).status == 404
