"""How people use a page: with a finger or a mouse, or with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

MOST_TABS = 90
# Of choices that exclude each other, only one is reached by Tab.
HAS_FOCUS = """(it) => it === document.activeElement
    || (it.type === "radio" && it.name === document.activeElement.name)"""

# On a page that was just opened the first Tab reaches the link that skips the bar.
IS_AHEAD = "(it) => document.activeElement === document.body && it.closest('main') !== null"


class Finger:
    """What a user does on a phone, or with a mouse."""

    def press(self, it: Locator) -> None:
        it.click()

    def write(self, it: Locator, text: str) -> None:
        it.fill(text)

    def choose(self, it: Locator) -> None:
        it.check()

    def pick(self, it: Locator, label: str) -> None:
        it.select_option(label=label)


class Keyboard(Finger):
    """The same with Tab, Enter, Space and the arrows."""

    def press(self, it: Locator) -> None:
        _tab_to(it)
        it.page.keyboard.press("Enter")

    def write(self, it: Locator, text: str) -> None:
        _tab_to(it)
        it.page.keyboard.type(text)

    def choose(self, it: Locator) -> None:
        _tab_to(it)
        it.page.keyboard.press("Space")
        if not it.is_checked():
            it.page.keyboard.press("ArrowDown")
        expect(it).to_be_checked()

    def pick(self, it: Locator, label: str) -> None:
        _tab_to(it)
        it.page.keyboard.type(label)
        expect(it.locator("option:checked")).to_have_text(label)


def _tab_to(it: Locator) -> None:
    it.wait_for()
    if it.evaluate(IS_AHEAD):
        it.page.keyboard.press("Tab")
        it.page.keyboard.press("Enter")
    for _ in range(MOST_TABS):
        it.page.keyboard.press("Tab")
        if it.evaluate(HAS_FOCUS):
            return
    raise AssertionError(f"{it} cannot be reached by keyboard")
