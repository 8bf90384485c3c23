"""The main job from beginning to end, by two people in two browsers, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.school import School

ARTIFACTS = Path(__file__).parents[1] / "artifacts"


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, named after its step and its width."""
    ARTIFACTS.mkdir(exist_ok=True)
    assert page.viewport_size
    page.screenshot(path=ARTIFACTS / f"{name}-{page.viewport_size['width']}.png", full_page=True)


def message(page: Page, words: str) -> None:
    """Expect that the page says what was done."""
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


@pytest.mark.parametrize(("javascript", "width"), [(True, 1280), (False, 360)])
def test_a_student_books_a_lesson_and_both_lists_are_right(
    school: School, open_browser: Callable[..., Page], javascript: bool, width: int
) -> None:
    options = {"java_script_enabled": javascript, "viewport": {"width": width, "height": 800}}
    teacher, student = open_browser(**options), open_browser(**options)
    title = f"Calculus, seen from {width} pixels"

    school.register(teacher, "Teacher", "Ada Marlowe")
    message(teacher, "Welcome to Marsh House, Ada Marlowe.")
    publish(teacher, title)
    school.register(student, "Student", "Mia Lindqvist")
    asked = ask(student, title)
    accept(teacher, student, title, asked)
    school.begin_lesson(int(student.url.rpartition("/")[2]), datetime.now(UTC))
    complete(teacher, student)
    review(student, teacher, title)


def publish(teacher: Page, title: str) -> None:
    """Write a gig and publish it."""
    teacher.get_by_role("link", name="Write a gig").click()
    teacher.get_by_label("Title").fill(title)
    teacher.get_by_label("Description").fill("We begin with what you know already, and draw it.")
    teacher.get_by_label("Subject").fill("Mathematics")
    teacher.get_by_label("Skills").fill("limits, derivatives")
    teacher.get_by_label("Price").fill("30,50")
    teacher.get_by_label("Minutes").fill("45")
    teacher.get_by_label("Place or meeting link").fill("Room 4, Library")
    picture(teacher, "1-write-a-gig")
    teacher.get_by_role("button", name="Save as a draft").click()
    message(teacher, "Your draft is saved.")
    teacher.get_by_role("button", name="Publish").click()
    # The first time, this leads past the hours.
    teacher.get_by_label("At any time").check()
    picture(teacher, "1-first-hours")
    teacher.get_by_role("button", name="Save and publish").click()
    message(teacher, f"“{title}” is published.")
    picture(teacher, "2-published")


def ask(student: Page, title: str) -> datetime:
    """Find the gig by a search and ask for a lesson the day after tomorrow at four; return when that is."""
    student.goto("/")
    student.get_by_label("What do you want to learn?").fill(title)
    student.get_by_role("button", name="Search").click()
    picture(student, "3-found")
    student.get_by_role("link", name=title).click()
    expect(student.get_by_role("complementary", name="Ask for a lesson").locator(".price")).to_have_text("€30.50")
    day = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(days=2)
    student.get_by_label("Day", exact=True).fill(day.strftime("%Y-%m-%d"))
    student.get_by_label("Time", exact=True).fill("16:00")
    student.get_by_label("Note").fill("The chain rule, please.")
    picture(student, "4-ask")
    student.get_by_role("button", name="Ask for this lesson").click()
    message(student, "16:00–16:45 (Berlin).")
    picture(student, "5-asked")
    return day


def accept(teacher: Page, student: Page, title: str, day: datetime) -> None:
    """See the request, accept it, and find it accepted on both lists at once."""
    lesson = student.url
    student.goto("/lessons")
    expect(student.locator(".lesson", has_text=title)).to_contain_text("Waiting for Ada")
    teacher.goto("/lessons")
    waiting = teacher.get_by_role("region", name="Waiting for you")
    expect(waiting).to_contain_text(f"{day.day} {day:%b}")
    picture(teacher, "6-waiting-for-the-teacher")
    waiting.get_by_role("button", name="Accept").click()
    message(teacher, "The lesson is agreed on.")
    for page in (teacher, student):
        page.goto("/lessons")
        expect(page.locator(".lesson", has_text=title)).to_contain_text("Accepted")
        picture(page, f"7-accepted-{'teacher' if page is teacher else 'student'}")
    student.goto(lesson)
    expect(student.get_by_text("Room 4, Library")).to_be_visible()


def complete(teacher: Page, student: Page) -> None:
    """Mark the lesson as completed, now that its time has come."""
    teacher.goto("/lessons")
    teacher.get_by_role("region", name="Did these take place?").get_by_role("button", name="Took place").click()
    message(teacher, "The lesson is marked as completed.")
    for page in (teacher, student):
        page.goto("/lessons?status=completed")
        expect(page.locator(".lesson")).to_have_count(1)
    picture(student, "8-completed")


def review(student: Page, teacher: Page, title: str) -> None:
    """Review the lesson; the teacher reads it and everybody sees the rating."""
    student.get_by_role("link", name="Ada Marlowe", exact=True).click()
    student.get_by_role("link", name="Review this lesson").click()
    student.get_by_label("4 stars").check()
    student.get_by_label("Comment").fill("Ada explained the chain rule with a bicycle.")
    picture(student, "9-review")
    student.get_by_role("button", name="Publish this review").click()
    message(student, "Thank you. Your review is published.")
    teacher.goto("/reviews?filter=unread")
    expect(teacher.get_by_text("with a bicycle")).to_be_visible()
    picture(teacher, "10-reviews")
    teacher.get_by_role("button", name="Mark as read").click()
    message(teacher, "The review is marked as read.")
    student.goto("/gigs?q=" + title)
    expect(student.locator(".gig-card")).to_contain_text("4.0")


def test_a_dangerous_step_asks_once_more_and_names_what_is_lost(
    school: School, open_browser: Callable[..., Page]
) -> None:
    options = {"java_script_enabled": False, "viewport": {"width": 1024, "height": 800}}
    teacher, student = open_browser(**options), open_browser(**options)
    school.register(teacher, "Teacher", "Ada Marlowe")
    publish(teacher, "Calculus to be cancelled")
    school.register(student, "Student", "Mia Lindqvist")
    ask(student, "Calculus to be cancelled")

    student.get_by_role("link", name="Cancel the lesson").click()
    expect(student.get_by_text("Cancelling costs you nothing.")).to_be_visible()
    expect(student.get_by_text("You and Ada lose Calculus to be cancelled")).to_be_visible()
    student.get_by_label("Reason").fill("I have a fever.")
    student.get_by_role("button", name="Cancel this lesson").click()

    message(student, "The lesson is cancelled.")
    expect(student.get_by_text("“I have a fever.”")).to_be_visible()


def test_plans_change_and_everybody_knows_what_it_costs(school: School, open_browser: Callable[..., Page]) -> None:
    options = {"java_script_enabled": False, "viewport": {"width": 360, "height": 800}}
    teacher, student = open_browser(**options), open_browser(**options)
    title = "Calculus that moves"
    school.register(teacher, "Teacher", "Ada Marlowe")
    publish(teacher, title)
    teacher.get_by_label("Free until (hours before)").fill("72")
    teacher.get_by_label("After that (percent)").fill("50")
    teacher.get_by_role("button", name="Save changes").click()
    school.register(student, "Student", "Mia Lindqvist")
    day = ask(student, title)
    accept(teacher, student, title, day)

    student.get_by_role("link", name="Move the lesson").click()
    expect(student.get_by_text("Until Ada says yes, cancelling costs you €15.25")).to_be_visible()
    student.get_by_label("Another time").check()
    student.get_by_label("Day", exact=True).fill((day + timedelta(days=20)).strftime("%Y-%m-%d"))
    student.get_by_label("Time", exact=True).fill("17:10")
    picture(student, "11-move")
    student.get_by_role("button", name="Ask for this time").click()
    message(student, "17:10–17:55 (Berlin) suits them.")
    teacher.goto("/lessons")
    teacher.get_by_role("region", name="Waiting for you").get_by_role("button", name="Keep the old time").click()
    message(teacher, "The lesson keeps its old time.")

    student.reload()
    student.get_by_role("link", name="Cancel the lesson").click()
    picture(student, "12-cancel")
    student.get_by_role("button", name="Cancel this lesson for €15.25").click()
    message(student, "The lesson is cancelled.")
    expect(student.get_by_text("€15.25 for")).to_be_visible()

    teacher.goto(student.url)
    teacher.get_by_role("link", name="Propose a lesson").click()
    teacher.get_by_label("Day", exact=True).fill((day + timedelta(days=1)).strftime("%Y-%m-%d"))
    teacher.get_by_label("Time", exact=True).fill("08:00")
    picture(teacher, "13-propose")
    teacher.get_by_role("button", name="Propose this lesson").click()
    message(teacher, "08:00–08:45 (Berlin).")
    student.goto("/lessons")
    student.get_by_role("region", name="Waiting for you").get_by_role("button", name="Accept").click()
    message(student, "The lesson is agreed on.")


@pytest.mark.parametrize(("javascript", "width"), [(True, 1280), (False, 360)])
def test_a_time_is_chosen_from_a_week_of_free_ones(
    school: School, open_browser: Callable[..., Page], javascript: bool, width: int
) -> None:
    page = open_browser(java_script_enabled=javascript, viewport={"width": width, "height": 800})
    school.register(page, "Student", "Mia Lindqvist")
    page.goto("/gigs/10")

    page.get_by_role("link", name="The week after").click()
    # Without its style sheet, the page shows the times of all days.
    page.wait_for_url("**/gigs/10?week=*")
    choice = page.locator(".time-choice:visible").last
    clock = choice.inner_text().strip()
    choice.click()
    picture(page, "week-of-times")
    page.get_by_role("button", name="Ask for this lesson").click()

    message(page, f"{clock}–")


def test_going_back_ticks_no_time_that_nobody_chose(school: School, open_browser: Callable[..., Page]) -> None:
    page = open_browser()
    school.register(page, "Student", "Mia Lindqvist")
    page.goto("/gigs/10")
    page.locator(".time-choice").first.click()
    page.get_by_role("button", name="Ask for this lesson").click()
    page.wait_for_url("**/lessons/*")

    page.go_back()

    # The chosen time is taken now; a browser that restores by position would tick the one in its place.
    expect(page.locator(".time-choice").first).to_be_visible()
    expect(page.locator("input[name=starts_at]:checked")).to_have_count(0)
