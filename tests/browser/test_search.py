"""Finding a teacher on a phone with the keyboard alone, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Keyboard
from tests.browser.school import School

PHONE = {"width": 360, "height": 740}


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_search_is_narrowed_opened_and_left_by_keyboard_on_a_phone(
    school: School, open_browser: Callable[..., Page], script: bool
) -> None:
    keys, page = Keyboard(), open_browser(viewport=PHONE, java_script_enabled=script)
    page.goto("/gigs")
    results = page.get_by_role("heading", name=re.compile("gigs?$"), level=2)
    everything = results.inner_text()

    keys.press(page.locator("details.filters > summary"))
    keys.pick(page.get_by_label("Rating", exact=True), "4 stars or more")
    keys.press(page.get_by_role("button", name="Search"))
    page.wait_for_url("**/gigs?*min_rating=4*")
    expect(results).not_to_have_text(everything)
    narrowed = results.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    keys.press(page.locator("main article a, main .gig a").first)
    page.wait_for_url(re.compile(r"/gigs/\d+"))
    page.go_back()
    expect(results).to_have_text(narrowed)

    keys.press(page.get_by_role("link", name="Remove all filters"))
    expect(results).to_have_text(everything)
