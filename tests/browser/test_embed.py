"""A gig in a frame on another website, as a browser allows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.school import School
from tests.browser.website import Website

GIG = "/embed/gigs/10"


def test_a_listed_website_shows_it_without_cookies_and_booking_leaves_the_frame(
    school: School, school_website: Website, open_browser: Callable[..., Page]
) -> None:
    page = open_browser()

    page.goto(f"{school_website.listed}/?frame={school.url}{GIG}")

    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Next free times")).to_be_visible()
    assert page.context.cookies() == []
    with page.context.expect_page() as opened:
        frame.locator(".embed-times a").first.click()
    expect(opened.value.locator(".time-choice input:checked")).to_have_count(1)


@pytest.mark.parametrize(("listed", "path"), [(False, GIG), (True, "/gigs/10"), (True, "/sign-in")])
def test_other_websites_and_other_pages_stay_empty(
    school: School, school_website: Website, open_browser: Callable[..., Page], listed: bool, path: str
) -> None:
    page = open_browser()

    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(f"{school_website.listed if listed else school_website.unlisted}/?frame={school.url}{path}")

    expect(page.frame_locator("iframe").locator("main")).to_have_count(0)


def test_a_narrow_frame_scrolls_only_downwards(school: School, open_browser: Callable[..., Page]) -> None:
    page = open_browser(viewport={"width": 160, "height": 640})

    page.goto(school.url + GIG)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
