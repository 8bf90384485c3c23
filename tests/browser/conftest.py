"""The whole product with the demo school in it, and people in browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from support.servers import LecternServer
from support.unavailable import Unavailable
from tests.browser.house import House, filled
from tests.browser.school import School
from tests.browser.website import Website, website
from tests.support.left_out import leave_out
from tests.support.world import World


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """No browser sees which database there is."""
    return sqlite_url


@pytest.fixture
def house(world: World) -> Iterator[House]:
    """A school whose people have filled every field to its end."""
    with filled(world) as house:
        yield house


@pytest.fixture(scope="package")
def school_website() -> Iterator[Website]:
    """The school's own website, which may show gigs in a frame."""
    with website() as running:
        yield running


@pytest.fixture(scope="package")
def school(tmp_path_factory: pytest.TempPathFactory, school_website: Website) -> Iterator[School]:
    """A server with demo data, for all tests that only look, and for those that bring people of their own."""
    instance = tmp_path_factory.mktemp("school") / "instance"
    with ExitStack() as running:
        settings = {"DEMO_DATA": "1", "RATELIMIT_ENABLED": "0", "EMBED_ORIGINS": school_website.listed}
        try:
            server = running.enter_context(LecternServer(instance, settings))
        except Unavailable as reason:
            leave_out(reason)
        yield School(server)


@pytest.fixture
def open_browser(browser: Browser, school: School) -> Iterator[Callable[..., Page]]:
    """A function that opens a page in a browser profile of its own, whose addresses begin at the server."""
    with ExitStack() as profiles:

        def open_page(**options: object) -> Page:
            defaults = {"base_url": school.url, "locale": "en-GB", "timezone_id": "Europe/Berlin"}
            motion = {"reduced_motion": "reduce"}
            profile = browser.new_context(**defaults | motion | options)  # type: ignore[arg-type]
            return profiles.enter_context(profile).new_page()

        yield open_page
