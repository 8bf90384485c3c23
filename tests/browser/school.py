"""A running server with the demo school, and what tests need to know about it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask
from playwright.sync_api import Page, expect

from app import create_app
from caching.store import current_store
from config import load_settings
from extensions import db
from support.servers import LecternServer
from tests.bookings.rows import set_booking
from tests.support.world import PASSWORD, Person, World

TEACHER, STUDENT, ADMIN = "lukas.brandt@example.org", "leila.farahani@example.org", "helen.marsh@example.org"


def signed_in(page: Page, person: Person) -> Page:
    """Sign somebody of a `World` in through the form, and return their page."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    return page


class School:
    """The server's address, its demo sign-ins, and a way to let a lesson begin."""

    def __init__(self, server: LecternServer) -> None:
        self.url = server.url
        self._instance = server.instance
        self._numbers = itertools.count(1)

    def sign_in(self, page: Page, email: str) -> None:
        """Sign one of the demo school's people in by what the form sends, and open their lessons."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.request.get("/sign-in").text())
        assert token
        password = (self._instance / "demo-password").read_text()
        entered = {"csrf_token": token[1], "email": email, "password": password}
        answer = page.request.post("/sign-in", form=entered, max_redirects=0)
        assert answer.headers["location"].endswith("/lessons"), answer.text()
        page.goto("/lessons")

    def register(self, page: Page, role: str, name: str) -> None:
        """Register somebody new through the form."""
        page.goto("/register")
        page.locator(f"input[name=role][value={role.lower()}]").check()
        page.get_by_label("Name").fill(name)
        page.get_by_label("E-mail address").fill(f"somebody{next(self._numbers)}@example.org")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_label("Time zone").select_option("Europe/Berlin")
        page.get_by_role("button", name="Create my account").click()

    def begin_lesson(self, booking_id: int, now: datetime) -> None:
        """Move a lesson so that it began an hour ago: the server's clock cannot be moved, its lessons can."""
        app = self._application()
        starts_at = now.replace(second=0, microsecond=0) - timedelta(hours=1)
        try:
            set_booking(app, booking_id, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=45))
        finally:
            _close(app)

    @contextmanager
    def world(self) -> Iterator[World]:
        """Give what makes people and lessons of a test's own, on the server's database."""
        app = self._application()
        try:
            yield World(app, lambda: datetime.now(UTC), self._numbers)
        finally:
            _close(app)

    def _application(self) -> Flask:
        """Build a second application over the server's own database and Redis."""
        return create_app(load_settings({"LECTERN_INSTANCE": str(self._instance)}, root=self._instance))


def _close(app: Flask) -> None:
    with app.app_context():
        if store := current_store():
            store.breaker.retire()
        db.engine.dispose()
