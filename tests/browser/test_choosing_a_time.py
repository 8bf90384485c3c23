"""What the script adds when a time is chosen: the visitor's own clock, and the time beside the button."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_visitor_reads_their_own_clock_and_sees_the_chosen_time_beside_the_button(
    open_browser: Callable[..., Page],
) -> None:
    page = open_browser(timezone_id="America/New_York")
    page.goto("/gigs/10")

    expect(page.get_by_text("Times of New York.")).to_be_visible()
    said = page.locator("[data-chosen]")
    expect(said).to_have_text("The time chosen above, for €40")
    page.locator("input[name=starts_at]:visible").first.check()

    clock = page.locator("label:has(input[name=starts_at]:checked) time").inner_text()
    expect(said).to_contain_text(f"{clock}–")
    expect(said).to_contain_text("· €40")


def test_another_day_is_opened_with_the_arrow_keys(open_browser: Callable[..., Page]) -> None:
    page = open_browser(java_script_enabled=False)
    page.goto("/gigs/10")
    page.get_by_label("The week after").click()
    before = page.locator("input[name=day]:checked").get_attribute("value")

    page.locator("input[name=day]:checked").focus()
    page.keyboard.press("ArrowRight")

    after = page.locator("input[name=day]:checked").get_attribute("value")
    assert before != after
    assert page.locator(".day-times:visible").count() == 1
