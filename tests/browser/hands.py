"""How people use a page: with a mouse, with a thumb, or with the keyboard alone."""

from __future__ import annotations

from datetime import datetime

from playwright.sync_api import Locator, expect

MOST_TABS = 90
# Of choices that exclude each other, only one is reached by Tab.
HAS_FOCUS = """(it) => it === document.activeElement
    || (it.type === "radio" && it.name === document.activeElement.name)"""

# On a page that was just opened the first Tab reaches the link that skips the bar.
IS_AHEAD = "(it) => document.activeElement === document.body && it.closest('main') !== null"
# Which keys a field for a day or a time takes depends on the language of the machine.
DAYS, TIMES = ("%m%d%Y", "%d%m%Y", "%Y%m%d"), ("%I%M%p", "%H%M")


class Finger:
    """What a user does with a mouse."""

    def press(self, it: Locator) -> None:
        it.click()

    def write(self, it: Locator, text: str) -> None:
        it.fill(text)

    def choose(self, it: Locator) -> None:
        it.check()

    def pick(self, it: Locator, label: str) -> None:
        it.select_option(label=label)

    def enter_day(self, it: Locator, day: datetime) -> None:
        it.fill(f"{day:%Y-%m-%d}")

    def enter_time(self, it: Locator, time: datetime) -> None:
        it.fill(f"{time:%H:%M}")


class Thumb(Finger):
    """What a user does on a screen that is touched."""

    def press(self, it: Locator) -> None:
        it.tap()


class Keyboard(Finger):
    """The same with Tab, Enter, Space, the arrows and what is typed."""

    def press(self, it: Locator) -> None:
        _tab_to(it)
        it.page.keyboard.press("Enter")

    def write(self, it: Locator, text: str) -> None:
        _tab_to(it)
        it.page.keyboard.type(text)

    def choose(self, it: Locator) -> None:
        _tab_to(it)
        it.page.keyboard.press("Space")
        for _ in range(it.evaluate("it => document.getElementsByName(it.name).length")):
            if it.is_checked():
                return
            it.page.keyboard.press("ArrowDown")
        expect(it).to_be_checked()

    def pick(self, it: Locator, label: str) -> None:
        _tab_to(it)
        it.page.keyboard.type(label)
        expect(it.locator("option:checked")).to_have_text(label)

    def enter_day(self, it: Locator, day: datetime) -> None:
        _type_parts(it, [f"{day:{order}}" for order in DAYS], f"{day:%Y-%m-%d}")

    def enter_time(self, it: Locator, time: datetime) -> None:
        _type_parts(it, [f"{time:{order}}" for order in TIMES], f"{time:%H:%M}")


def _type_parts(it: Locator, spellings: list[str], value: str) -> None:
    """Type a field's parts, which follow each other, in the order that this machine has."""
    for spelling in spellings:
        _tab_to(it)
        it.page.keyboard.type(spelling)
        if it.input_value() == value:
            return
        # Back before the field, from wherever in it the last key has led.
        while it.evaluate(HAS_FOCUS):
            it.page.keyboard.press("Shift+Tab")
    raise AssertionError(f"{value} cannot be typed into {it}")


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
