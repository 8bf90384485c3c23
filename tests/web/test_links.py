"""Addresses in pages are those that Flask builds, although most are built only once."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any, cast

import flask
import pytest
from flask import Flask

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def url_for(app: Flask) -> Callable[..., str]:
    """What templates call."""
    return cast("Callable[..., str]", app.jinja_env.globals["url_for"])


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("home.index", {}),
        ("lesson_page.show", {"booking_id": 7}),
        ("lesson_page.show", {"booking_id": 8}),
        ("gig_pages.search", {"q": "für elise", "sort": "price"}),
        ("gig_pages.search", {"q": ["a", "b"]}),
        ("gig_pages.search", {"q": True}),
        ("gig_pages.search", {"q": 1}),
        ("gig_pages.search", {"q": None}),
        ("home.index", {"_external": True}),
        ("home.index", {"_anchor": "content"}),
        (".index", {}),
        ("static", {"filename": "lectern.css"}),
    ],
)
@pytest.mark.parametrize("root", ["", "/school"])
def test_an_address_is_flasks_own_each_time(app: Flask, endpoint: str, values: dict[str, Any], root: str) -> None:
    for _ in range(2):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            flask.request.url_rule = next(app.url_map.iter_rules("home.index"))

            assert url_for(app)(endpoint, **values) == flask.url_for(endpoint, **values)


def test_what_readers_have_typed_is_not_remembered(app: Flask) -> None:
    with app.test_request_context("/"):
        url_for(app)("gig_pages.search", q="piano")
        tracemalloc.start()
        for number in range(200):
            url_for(app)("gig_pages.search", q=f"{number}{'x' * 10_000}")
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert kept < 1_000_000
