"""Every page stands in a list of those that are looked at, and those around lessons have no barrier either."""

from __future__ import annotations

from collections.abc import Iterable

import pyotp
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.house import House
from tests.browser.test_access import PAGES, flaws
from tests.browser.test_widths import TOO_WIDE, WIDTHS, open_page
from tests.support.world import PASSWORD, World

# What `test_access.go` finds by itself.
STEPS = (
    "change_pages.move",
    "change_pages.ask_to_cancel",
    "change_pages.propose",
    "lesson_page.show",
    "review_pages.new",
)
# What nobody opens as a page, and pages that stand between two steps or need another program.
NOT_LISTED = {
    "static": "a file",
    "bootstrap.static": "a file",
    "school_pages.colours": "a style sheet",
    "school_pages.logo": "a picture",
    "invoice_pages.pdf": "a document",
    "prometheus.metrics": "for programs",
    "health.health": "for programs",
    "health.live": "for programs",
    "health.ready": "for programs",
    "embed_pages.gig": "in a frame of another website: test_embed.py",
    "checkout_pages.show": "after the gateway for cards: test_checkout.py",
    "two_factor_pages.enter_code": "between the password and the code: the test below",
}


def test_no_other_page_has_a_barrier_or_scrolls_sideways(browser: Browser, house: House) -> None:
    complaints = []
    for email, paths in house.others.items():
        page = open_page(browser, house, email)
        for path in paths:
            answer = page.goto(path)
            if not answer or answer.status != 200:
                complaints.append(f"{path}: {answer and answer.status}")
                continue
            complaints += flaws(page)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                if found := page.evaluate(TOO_WIDE):
                    complaints.append(f"{path} at {width}: {found}")
        page.close()

    assert not complaints, "\n".join(complaints)


def test_a_day_that_is_cancelled_has_no_barrier_afterwards(browser: Browser, house: House) -> None:
    page = open_page(browser, house, house.teacher.email)
    page.goto(next(path for path in house.others[house.teacher.email] if "/day/cancel" in path))

    page.get_by_role("button", name="Cancel what is ticked").click()
    expect(page.get_by_role("status")).to_contain_text("Their students are told.")
    complaints = flaws(page)
    page.set_viewport_size({"width": 320, "height": 800})

    assert not complaints, "\n".join(complaints)
    assert page.evaluate(TOO_WIDE) is None


def test_the_page_for_the_code_has_no_barrier(browser: Browser, house: House, world: World) -> None:
    careful = world.student()
    made = careful.post("/api/users/me/two-factor", {"current_password": PASSWORD}).json
    code = pyotp.TOTP(made["secret"]).at(world.clock())
    assert careful.post("/api/users/me/two-factor/confirm", {"code": code}).status_code == 200
    page = open_page(browser, house, "")
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(careful.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    page.wait_for_load_state()
    complaints = flaws(page)

    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_load_state()
    complaints += flaws(page)
    page.set_viewport_size({"width": 320, "height": 800})

    assert not complaints, "\n".join(complaints)
    assert page.evaluate(TOO_WIDE) is None


def test_every_page_is_in_one_of_the_lists(app: Flask, house: House) -> None:
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api") and not rule.endpoint.endswith("_address")
    }
    lists = [*PAGES.values(), *house.pages().values(), *house.others.values()]
    looked_at = _endpoints(app, (path for paths in lists for path in paths if path.startswith("/")))

    assert pages - looked_at - {*STEPS} == {*NOT_LISTED}


def _endpoints(app: Flask, paths: Iterable[str]) -> set[str]:
    """Name the endpoints that answer these paths."""
    addresses, found = app.url_map.bind(""), set()
    for path in paths:
        if path in ("/nowhere",):
            continue
        endpoint, _ = addresses.match(path.partition("?")[0])
        found.add(endpoint)
    return found
