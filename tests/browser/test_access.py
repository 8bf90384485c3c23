"""Every page for everybody: nothing for axe to find, nothing wider than a phone, everything by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.school import ADMIN, STUDENT, TEACHER, School

VISITOR, COURSE_TEACHER = "", "clara.winter@example.org"
PAGES = {
    VISITOR: [
        *(
            "/",
            "/gigs",
            "/gigs?q=piano&category=Music&min_hourly=5",
            "/gigs?max_hourly=abc",
            "/gigs?q=nothing+like+this",
        ),
        *("/gigs/10", "/teachers/5", "/sign-in", "/register", "/api/docs", "/nowhere"),
    ],
    STUDENT: [
        *("/", "/gigs/10", "/lessons", "/lessons?status=earlier", "/lessons?status=expired", "/profile"),
        *("/notifications", "/notifications/settings"),
        "/calendar",
        *("LESSON pending", "LESSON accepted", "LESSON completed", "REVIEW"),
        *("LESSON accepted move", "LESSON accepted cancel"),
        *("/payments", "/statement"),
    ],
    TEACHER: [
        *(
            "/",
            "/lessons",
            "/lessons?status=completed",
            "/schedule",
            "/schedule/day",
            "/profile",
            "/profile/data",
            "/availability",
            "/gigs/mine",
            "/gigs/new",
            "/gigs/10",
            "/gigs/1/edit",
        ),
        *(
            "/gigs/10/edit",
            "/reviews",
            "/reviews?filter=unread",
            "/reviews?cursor=x",
            "LESSON pending",
            "LESSON rejected",
            "LESSON pending move",
            "LESSON accepted propose",
        ),
    ],
    COURSE_TEACHER: [
        *("/courses", "/applications", "/courses/1", "/courses/1/tasks", "/tasks/1"),
        *("/payments", "/payments/month", "/payments/instructions", "/payments/import", "/invoices", "/statement"),
        *("/reports", "/reports/leaderboards/teachers?period=year"),
    ],
    ADMIN: [
        "/",
        "/lessons",
        "/gigs/10",
        "/gigs/10/edit",
        "/gigs/mine",
        "LESSON pending",
        "/payments",
        "/payments/month",
        *("/reports", "/reports/analytics", "/reports/daily"),
        *("/admin", "/admin/cache", "/admin/gigs", "/admin/gigs?filter=featured", "/admin/reviews"),
        *("/admin/reviews?filter=hidden", "/admin/jobs", "/admin/mail", "/admin/invitations", "/admin/teachers"),
        *("/admin/lessons", "/admin/payments?status=submitted", "/admin/applications", "/admin/applications?gig=piano"),
    ],
}
# Colours and widths do not depend on each other, so each is seen once.
LOOKS = [(1280, "light"), (360, "dark")]
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then((results) => results.violations)"


def go(page: Page, path: str) -> None:
    """Open a path, or the first lesson in a state, or what can be done with it, or the form to review one."""
    if path.startswith("LESSON"):
        _, status, *step = path.split()
        page.goto(f"/lessons?status={status}")
        page.locator(".lesson-what a").first.click()
        if step:
            page.goto(f"{page.url}/{step[0]}")
    elif path == "REVIEW":
        page.goto("/lessons?status=completed")
        for lesson in [link.get_attribute("href") for link in page.locator(".lesson-what a").all()]:
            page.goto(f"{lesson}/review")
            if page.url.endswith("/review"):
                return
    else:
        page.goto(path)


def flaws(page: Page) -> list[str]:
    """Look at the page in both widths and both colours, and say what is wrong."""
    found = []
    page.evaluate(Axe().axe_script)
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{page.url} is wider than {width} pixels")
        for violation in page.evaluate(VIOLATIONS):
            places = [node["html"][:200] for node in violation["nodes"]]
            found.append(f"{page.url} at {width} in {scheme}: {violation['help']} {places}")
    return found


@pytest.mark.parametrize("person", list(PAGES))
def test_no_page_has_a_barrier_or_breaks_its_own_security_policy(
    school: School, open_browser: Callable[..., Page], person: str
) -> None:
    page = open_browser()
    complaints: list[str] = []

    def note(said: ConsoleMessage) -> None:
        # That an error page has an error's status is as it should be.
        if said.type in ("error", "warning") and "the server responded with a status of 4" not in said.text:
            complaints.append(f"{page.url}: {said.text}")

    page.on("console", note)
    if person:
        school.sign_in(page, person)

    for path in PAGES[person]:
        go(page, path)
        complaints += flaws(page)

    assert not complaints, "\n".join(complaints)


def test_refused_forms_have_no_barrier_either(school: School, open_browser: Callable[..., Page]) -> None:
    page = open_browser()
    complaints = []
    for path, button in [
        ("/sign-in", "Sign in"),
        ("/register", "Create my account"),
        ("/gigs/10", "Ask for this lesson"),
    ]:
        page.goto(path)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_contain_text("Please check what you entered")
        complaints += flaws(page)

    assert not complaints, "\n".join(complaints)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until a field is reached; what has the focus can be seen all the way."""
    for _ in range(40):
        page.keyboard.press("Tab")
        # A choice among several shows it with its label.
        outlines = page.evaluate(
            "[document.activeElement, document.activeElement.closest('label')]"
            ".map((it) => it ? getComputedStyle(it).outlineStyle : 'none')"
        )
        assert set(outlines) != {"none"}, page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_signing_in_and_booking_need_only_a_keyboard(school: School, open_browser: Callable[..., Page]) -> None:
    page = open_browser()
    school.register(page, "Student", "Mia Lindqvist")
    # Next week has a time on any day and at any hour that this test is run at.
    page.goto("/gigs/10")
    next_week = page.get_by_role("link", name="The week after").get_attribute("href") or ""
    page.goto(next_week.partition("#")[0])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "input[name=starts_at]")
    page.keyboard.press("Space")
    chosen = page.locator("input[name=starts_at]:checked")
    first = chosen.get_attribute("value") or ""
    page.keyboard.press("ArrowDown")
    expect(chosen).not_to_have_value(first)
    value = datetime.fromisoformat(chosen.get_attribute("value") or "").astimezone(ZoneInfo("Europe/Berlin"))
    tab_to(page, "#note")
    page.keyboard.type("Early, please.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text(f"{value.day} {value:%b}, {value:%H:%M}–")


def test_signing_in_by_keyboard_leads_to_the_lessons(school: School, open_browser: Callable[..., Page]) -> None:
    page = open_browser()
    page.goto("/sign-in")

    tab_to(page, "#email")
    page.keyboard.type("nobody@example.org")
    tab_to(page, "#password")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("do not belong together")
    expect(alert).to_be_focused()
