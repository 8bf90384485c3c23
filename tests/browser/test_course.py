"""A course from the application to approved work, by two people in two browsers.

Once with the keyboard alone, once on a phone without JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Finger, Keyboard
from tests.browser.school import School


@pytest.mark.parametrize(("hand", "width"), [(Keyboard(), 1280), (Finger(), 360)], ids=["keyboard", "phone"])
def test_a_student_applies_and_their_work_is_approved(
    school: School, open_browser: Callable[..., Page], hand: Finger, width: int
) -> None:
    options = {"java_script_enabled": isinstance(hand, Keyboard), "viewport": {"width": width, "height": 800}}
    teacher, student = open_browser(**options), open_browser(**options)
    school.register(student, "Student", name := f"Mia Lind{width}")
    school.sign_in(teacher, "clara.winter@example.org")
    student.goto("/gigs?q=fugue")

    hand.press(student.get_by_role("link", name="Write your first fugue"))
    hand.write(student.get_by_label("Your message to Clara"), "I would like to write one.")
    hand.press(student.get_by_role("button", name="Apply for a place"))
    expect(student.get_by_role("status")).to_contain_text("has your application")

    # The bar leads to what is about courses.
    hand.press(teacher.get_by_role("navigation", name="Main").get_by_role("link", name="Courses"))
    hand.press(teacher.get_by_role("navigation", name="Courses").get_by_role("link", name="Applications"))
    hand.choose(teacher.get_by_role("checkbox", name=f"Accept {name}"))
    hand.press(teacher.get_by_role("button", name="Accept those that are ticked"))
    expect(teacher.get_by_role("status")).to_contain_text("1 student has a place now.")

    teacher.goto("/courses")
    hand.press(teacher.get_by_role("listitem").filter(has_text=name).get_by_role("link"))
    hand.press(teacher.get_by_role("link", name="Set a task"))
    hand.write(teacher.get_by_label("Title"), "Two voices")
    # Which keys a date takes depends on the language of the machine.
    teacher.get_by_label("Due on").fill("2099-03-01")
    hand.press(teacher.get_by_role("button", name="Set this task"))
    expect(teacher.get_by_role("status")).to_contain_text("The task is set.")

    student.goto("/")
    hand.press(student.get_by_role("link", name="Two voices"))
    for number, (work, choice, said) in enumerate(
        (
            ("Eight bars.", "Please work on it once more", "Mind the fifths."),
            ("Eight better ones.", "This is done", "Lovely."),
        ),
        start=1,
    ):
        hand.write(student.get_by_label("Your work"), work)
        hand.press(student.get_by_role("button", name="Hand it in"))
        expect(student.get_by_role("status")).to_contain_text("It is handed in.")
        teacher.goto("/")
        hand.press(teacher.get_by_role("link", name="Two voices"))
        hand.choose(teacher.get_by_label(choice))
        hand.write(teacher.get_by_label("Your feedback"), said)
        hand.press(teacher.get_by_role("button", name="Send it"))
        expect(teacher.get_by_role("status")).to_contain_text("Your feedback is sent.")
        student.reload()
        expect(student.get_by_role("article", name=f"Version {number}")).to_contain_text(said)

    expect(student.get_by_role("button", name="Hand it in")).to_have_count(0)
    assert student.evaluate("document.documentElement.scrollWidth") <= width
