"""Visitors of the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.visitor import Visitor
from tests.support.world import Person, World


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Only SQLite: on both databases `tests/test_authorization.py` asks for every page."""
    return sqlite_url


@pytest.fixture
def visit(world: World) -> Callable[..., Visitor]:
    """A function that opens a browser, signed in as somebody if they are given."""

    def open_browser(person: Person | None = None) -> Visitor:
        visitor = Visitor(world.app)
        return visitor.sign_in(person) if person else visitor

    return open_browser
