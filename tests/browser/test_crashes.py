"""What a teacher types into the editor survives a Redis and a server that are killed while they type."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from support.lectern_server import LecternServer
from support.processes import family
from tests.browser.school import School
from tests.browser.test_editor import SAVED, write_a_draft


@pytest.fixture
def port() -> int:
    """A port that is free, for the server before and after."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def page(browser: Browser, port: int) -> Iterator[Page]:
    profile = browser.new_context(base_url=f"http://127.0.0.1:{port}", locale="en-GB", timezone_id="Europe/Berlin")
    yield profile.new_page()
    profile.close()


def kill(server: LecternServer, part: str = "") -> None:
    """Kill the processes of a server whose command line has `part` in it, all at once."""
    found = [pid for pid, line in family(server.process.pid).items() if part in line]
    assert found
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_what_is_typed_survives_a_redis_and_a_server_that_are_killed(tmp_path: Path, port: int, page: Page) -> None:
    environ = {"PORT": str(port), "RATELIMIT_ENABLED": "0", "WEB_CONCURRENCY": "1"}
    state, title = page.locator("[data-state]"), page.get_by_label("Title")

    with LecternServer(tmp_path / "instance", environ) as server:
        write_a_draft(School(server), page, "Calculus by hand")
        address = page.url
        kill(server, "redis-server")
        title.fill("Calculus by heart")
        expect(state).to_contain_text(SAVED, timeout=15_000)
        kill(server)
        title.fill("Calculus by ear")
        expect(state).to_contain_text("the server does not answer")

    with LecternServer(tmp_path / "instance", environ):
        expect(state).to_contain_text(SAVED, timeout=30_000)
        again = page.context.new_page()
        page.close()
        again.goto(address)
        again.get_by_role("link", name="Go on with it").click()
        expect(again.get_by_label("Title")).to_have_value("Calculus by ear")
