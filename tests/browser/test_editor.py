"""What is typed into the editor of a gig survives the browser, the server and another page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.school import School

SAVED = re.compile(r"Saved \d\d:\d\d")


def write_a_draft(school: School, page: Page, title: str) -> None:
    school.register(page, "Teacher", "Ada Marlowe")
    page.get_by_role("link", name="Write a gig").first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Description").fill("We begin with what you know already, and draw it.")
    page.get_by_label("Subject").fill("Mathematics")
    page.get_by_label("Price").fill("30")
    page.get_by_label("Minutes").fill("45")
    page.get_by_role("button", name="Save as a draft").last.click()
    expect(page.get_by_role("status").first).to_contain_text("Your draft is saved.")


def test_what_is_typed_before_the_script_has_arrived_is_saved_too(
    school: School, open_browser: Callable[..., Page]
) -> None:
    page = open_browser()
    school.register(page, "Teacher", "Ada Marlowe")
    held: list[Route] = []
    page.route("**/static/editor.js*", lambda route: held.append(route))
    page.goto("/gigs/new", wait_until="commit")
    page.get_by_label("Title").fill("Harp for beginners")

    held[0].continue_()

    expect(page.locator("[data-state]")).to_contain_text(SAVED)


def test_a_page_that_is_closed_while_somebody_types_loses_nothing(
    school: School, open_browser: Callable[..., Page]
) -> None:
    page = open_browser()
    school.register(page, "Teacher", "Ada Marlowe")
    page.goto("/gigs/new")
    page.get_by_label("Title").fill("Harp for beginners")
    expect(page.locator("[data-state]")).to_contain_text(SAVED)

    again = page.context.new_page()
    page.close()
    again.goto("/gigs/new")
    again.get_by_role("link", name="Go on with it").click()

    expect(again.get_by_label("Title")).to_have_value("Harp for beginners")


def test_the_browser_keeps_what_a_server_that_is_away_does_not_take(
    school: School, open_browser: Callable[..., Page]
) -> None:
    page = open_browser()
    write_a_draft(school, page, "Calculus by hand")
    address = page.url

    def away(route: Route) -> None:
        route.abort()

    page.route("**/autosave", away)
    page.get_by_label("Title").fill("Calculus by heart")
    expect(page.locator("[data-state]")).to_contain_text("the server does not answer")
    page.unroute("**/autosave", away)
    expect(page.locator("[data-state]")).to_contain_text(SAVED, timeout=15_000)

    page.route("**/autosave", away)
    page.get_by_label("Title").fill("Calculus by ear")
    expect(page.locator("[data-state]")).to_contain_text("the server does not answer")
    again = page.context.new_page()
    page.close()
    again.goto(address)
    again.get_by_role("button", name="Put it back").click()

    expect(again.get_by_label("Title")).to_have_value("Calculus by ear")


@pytest.mark.parametrize("typed_meanwhile", ["", " without haste"])
def test_a_page_whose_answer_is_lost_is_no_other_page(
    school: School, open_browser: Callable[..., Page], typed_meanwhile: str
) -> None:
    page = open_browser()
    school.register(page, "Teacher", "Ada Marlowe")
    page.goto("/gigs/new")
    page.get_by_label("Title").fill("Harp")
    expect(page.locator("[data-state]")).to_contain_text(SAVED)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/autosave", lose_the_answer, times=1)
    page.get_by_label("Title").fill("Harp for beginners")
    expect(page.locator("[data-state]")).to_contain_text("the server does not answer")
    page.get_by_label("Title").fill(f"Harp for beginners{typed_meanwhile}")
    expect(page.locator("[data-state]")).to_contain_text(SAVED, timeout=15_000)

    again = page.context.new_page()
    page.close()
    again.goto("/gigs/new")
    again.get_by_role("link", name="Go on with it").click()
    expect(again.get_by_label("Title")).to_have_value(f"Harp for beginners{typed_meanwhile}")


def test_two_pages_show_both_versions_and_one_is_chosen(school: School, open_browser: Callable[..., Page]) -> None:
    first = open_browser()
    write_a_draft(school, first, "Calculus twice")
    second = first.context.new_page()
    second.goto(first.url)
    first.get_by_label("Title").fill("Calculus once")
    expect(first.locator("[data-state]")).to_contain_text(SAVED)

    second.get_by_label("Summary").fill("Slowly.")
    second.get_by_role("button", name="Compare both versions").click()
    both = second.get_by_role("region", name="This gig was changed on another page, too")
    both.get_by_role("group", name="Title").get_by_label("As on the other page").check()
    second.get_by_role("button", name="Save changes").last.click()

    expect(second.get_by_role("status").first).to_contain_text("Your changes are saved.")
    expect(second.get_by_label("Title")).to_have_value("Calculus once")
    expect(second.get_by_label("Summary")).to_have_value("Slowly.")
