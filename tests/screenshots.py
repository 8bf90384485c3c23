"""Take the pictures of the documentation: `make screenshots`. A demo school is started, looked at and thrown away."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from config import ROOT
from support.servers import LecternServer
from tests.browser.school import ADMIN, STUDENT, School
from tests.support.browser import chromium

# The one with the full week.
TEACHER = "clara.winter@example.org"
IMAGES = ROOT / "docs" / "images"
WIDE, PHONE = (1280, 900), (360, 780)
# Name, whose page it is ("" for a visitor's), its address, the window.
PICTURES = (
    ("start", "", "/", WIDE),
    ("gig", STUDENT, "/gigs/10", WIDE),
    ("my-lessons", TEACHER, "/lessons", WIDE),
    ("my-lessons-phone", TEACHER, "/lessons", PHONE),
    ("week", TEACHER, "/schedule", WIDE),
    ("week-phone", TEACHER, "/schedule", PHONE),
    ("day-phone", TEACHER, "/schedule/day", PHONE),
    ("month", TEACHER, "/calendar", WIDE),
    ("today", TEACHER, "/", WIDE),
    ("next-lesson", STUDENT, "/", WIDE),
    ("school", ADMIN, "/", WIDE),
)


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        instance = Path(folder) / "instance"
        with LecternServer(instance, {"DEMO_DATA": "1", "RATELIMIT_ENABLED": "0"}) as server:
            for picture in PICTURES:
                _take(browser, School(server), *picture)


def _take(browser: Browser, school: School, name: str, person: str, path: str, size: tuple[int, int]) -> None:
    viewport = {"width": size[0], "height": size[1]}
    options = {"base_url": school.url, "locale": "en-GB", "timezone_id": "Europe/Berlin", "device_scale_factor": 1}
    with browser.new_context(viewport=viewport, **options) as profile:  # type: ignore[arg-type]
        page = profile.new_page()
        if person:
            school.sign_in(page, person)
        page.goto(path)
        page.screenshot(path=IMAGES / f"{name}.png", full_page=True)


if __name__ == "__main__":
    main()
