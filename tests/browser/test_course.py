"""A course from the application to approved work, by two people in two browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.school import School


@pytest.mark.parametrize(("javascript", "width"), [(True, 1280), (False, 360)])
def test_a_student_applies_and_their_work_is_approved(
    school: School, open_browser: Callable[..., Page], javascript: bool, width: int
) -> None:
    options = {"java_script_enabled": javascript, "viewport": {"width": width, "height": 800}}
    teacher, student = open_browser(**options), open_browser(**options)
    school.register(student, "Student", name := f"Mia Lind{width}")
    school.sign_in(teacher, "clara.winter@example.org")
    student.goto("/gigs?q=fugue")

    student.get_by_role("link", name="Write your first fugue").click()
    student.get_by_label("Your message to Clara").fill("I would like to write one.")
    student.get_by_role("button", name="Apply for a place").click()
    expect(student.get_by_role("status")).to_contain_text("has your application")

    teacher.goto("/applications")
    teacher.get_by_role("checkbox", name=f"Accept {name}").check()
    teacher.get_by_role("button", name="Accept those that are ticked").click()
    expect(teacher.get_by_role("status")).to_contain_text("1 student has a place now.")

    teacher.goto("/courses")
    teacher.get_by_role("listitem").filter(has_text=name).get_by_role("link").click()
    teacher.get_by_role("link", name="Set a task").click()
    teacher.get_by_label("Title").fill("Two voices")
    teacher.get_by_label("Due on").fill("2099-03-01")
    teacher.get_by_role("button", name="Set this task").click()
    expect(teacher.get_by_role("status")).to_contain_text("The task is set.")

    student.goto("/")
    student.get_by_role("link", name="Two voices").click()
    for number, (work, choice, said) in enumerate(
        (
            ("Eight bars.", "Please work on it once more", "Mind the fifths."),
            ("Eight better ones.", "This is done", "Lovely."),
        ),
        start=1,
    ):
        student.get_by_label("Your work").fill(work)
        student.get_by_role("button", name="Hand it in").click()
        expect(student.get_by_role("status")).to_contain_text("It is handed in.")
        teacher.goto("/")
        teacher.get_by_role("link", name="Two voices").click()
        teacher.get_by_label(choice).check()
        teacher.get_by_label("Your feedback", exact=False).fill(said)
        teacher.get_by_role("button", name="Send it").click()
        expect(teacher.get_by_role("status")).to_contain_text("Your feedback is sent.")
        student.reload()
        expect(student.get_by_role("article", name=f"Version {number}")).to_contain_text(said)

    expect(student.get_by_role("button", name="Hand it in")).to_have_count(0)
    assert student.evaluate("document.documentElement.scrollWidth") <= width
