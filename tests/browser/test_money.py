"""Money from the transfer to the refund, by a student and a teacher in two browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.school import STUDENT, TEACHER, School


@pytest.mark.parametrize(("javascript", "width"), [(False, 360)])
def test_a_student_pays_and_a_teacher_gives_a_part_back(
    school: School, open_browser: Callable[..., Page], javascript: bool, width: int
) -> None:
    options = {"java_script_enabled": javascript, "viewport": {"width": width, "height": 800}}
    teacher, student = open_browser(**options), open_browser(**options)
    school.sign_in(student, STUDENT)
    school.sign_in(teacher, TEACHER)

    # There is no room for it in the bar of a phone.
    student.get_by_role("banner").locator("details.menu > summary").click()
    student.get_by_role("banner").get_by_role("link", name="Payments").click()
    student.get_by_role("listitem").filter(has_text="€").get_by_role("link").first.click()
    expect(student.get_by_text("DE89 3704 0044 0532 0130 00")).to_be_visible()
    expect(student.locator("svg.segno")).to_be_visible()
    reference = student.get_by_label("Reference").input_value()
    student.get_by_role("button", name="Tell Lukas that I have paid").click()
    expect(student.get_by_role("status")).to_contain_text("Your teacher is told")

    teacher.goto("/")
    teacher.get_by_role("link", name="Check").first.click()
    row = teacher.get_by_role("listitem").filter(has_text=reference)
    row.get_by_role("button", name="It has come").click()
    expect(teacher.get_by_role("status")).to_contain_text("marked as received")

    student.reload()
    expect(student.get_by_role("main")).to_contain_text("Received")
    student.get_by_role("link", name="€", exact=False).first.click()
    expect(student.get_by_text("Lukas Brandt has received it")).to_be_visible()
    assert student.evaluate("document.documentElement.scrollWidth") <= width

    teacher.goto(student.url)
    teacher.get_by_text("Note that money was given back").click()
    teacher.get_by_label("Amount").fill("5")
    teacher.get_by_label("Why?").fill("We began a little late.")
    teacher.get_by_role("button", name="Note it").click()
    expect(teacher.get_by_role("status")).to_contain_text("It is noted.")

    student.reload()
    expect(student.get_by_text("€5 given back")).to_be_visible()
    expect(student.get_by_text("We began a little late.")).to_be_visible()
    for page in (student, teacher):
        for path in ("/payments", student.url):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
