"""No page scrolls sideways, whatever people type; no panel lies outside the window; nothing in a field is cut off."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.house import House
from tests.browser.other_pages import UNBROKEN
from tests.support.world import PASSWORD

WIDTHS = (320, 360, 1280)
# What is wider than the window, with how far it goes.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? null :
  [...document.querySelectorAll("main *, header *, footer *")]
    .filter((it) => it.getBoundingClientRect().right > innerWidth)
    .map((it) => `${it.tagName}.${it.className} ${Math.round(it.getBoundingClientRect().right)}`).slice(0, 3)"""
# Opens each panel in turn, and tells which of them cannot be read whole.
CUT_OFF = """() => [...document.querySelectorAll("details.confirm, details.menu")].map((details) => {
    const around = details.parentElement.closest("details");
    if (around) around.open = true;
    details.open = true;
    const panel = details.lastElementChild.getBoundingClientRect();
    const wide = document.documentElement.scrollWidth;
    details.open = false;
    if (around) around.open = false;
    return panel.width > 0 && panel.left >= 0 && panel.right <= innerWidth && wide <= innerWidth ? null :
      `${details.innerText.slice(0, 20)}: ${panel.left} to ${panel.right}`;
  }).filter(Boolean)"""
# What each time's field lacks of the width that it would take by itself.
CLOCK_LACKS = """() => [...document.querySelectorAll("input[type=time]")].map((input) => {
    const width = input.offsetWidth;
    input.style.cssText = "flex: none; width: max-content; min-width: 0; max-width: none";
    const lacks = input.offsetWidth - width;
    input.style.cssText = "";
    return lacks;
  }).filter((lacks) => lacks > 0)"""


def open_page(browser: Browser, house: House, email: str, **options: object) -> Page:
    """A page for one of the people, or a visitor."""
    page = browser.new_page(base_url=house.url, reduced_motion="reduce", **options)  # type: ignore[arg-type]
    if email:
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/lessons")
    return page


def test_no_page_scrolls_sideways_whatever_people_typed(browser: Browser, house: House) -> None:
    wide = []
    for email, paths in house.pages().items():
        page = open_page(browser, house, email)
        for path in paths:
            assert page.goto(path).status == 200, path
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                if found := page.evaluate(TOO_WIDE):
                    wide.append((path[:30], width, found))
    # The last one to read is the teacher: a message repeats what was typed.
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"/gigs/{house.gig_id}/edit")
    page.get_by_role("button", name="Pause").click()

    # The editor's bar has a status of its own.
    expect(page.get_by_role("status").filter(has_text=UNBROKEN)).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate(TOO_WIDE) is None
    assert not wide, "\n".join(map(str, wide))


def test_every_panel_can_be_read_whole_at_every_width(browser: Browser, house: House) -> None:
    page = open_page(browser, house, house.teacher.email)
    lesson, begun = house.lessons["pending"], house.lessons["begun"]
    cut_off = []
    for path in (
        "/lessons",
        f"/lessons/{lesson}",
        f"/lessons/{begun}",
        f"/lessons/{house.lessons['series']}",
        "/profile",
    ):
        page.goto(path)
        assert page.locator("details.confirm").count() or path == "/profile", path
        for width in sorted({*range(320, 1401, 40), 767, 768, 959, 960, 1370}):
            page.set_viewport_size({"width": width, "height": 800})
            cut_off += [(path, width, panel) for panel in page.evaluate(CUT_OFF)]
    page.close()

    assert not cut_off, "\n".join(map(str, cut_off))


def test_the_clock_of_twelve_hours_is_not_cut_off(browser: Browser, house: House) -> None:
    page = open_page(browser, house, house.teacher.email, locale="en-US")
    page.goto("/availability")
    lacks, wide = {}, {}

    for width in (320, 360, 414, 600, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        lacks[width], wide[width] = page.evaluate(CLOCK_LACKS), page.evaluate(TOO_WIDE)
    page.close()

    assert not any(lacks.values()), lacks
    assert not any(wide.values()), wide


def test_the_number_beside_the_bell_stands_on_one_line(browser: Browser, house: House) -> None:
    page = open_page(browser, house, house.student.email)
    count = page.locator(".bell-count")
    expect(count).to_have_text("25")

    shape = count.bounding_box()
    page.close()

    assert shape
    assert shape["height"] < 24
