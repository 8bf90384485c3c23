"""What Flask-Caching's own functions store comes back as it was, and nothing that another program stored is run."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, jsonify
from flask_caching import CachedResponse
from werkzeug.exceptions import NotFound

from caching.extension import LecternCache
from config import ROOT
from support.servers import RedisServer
from tests.caching.conftest import Probe, program

PACKAGES = ("accounts", "bookings", "calendars", "demo", "gigs", "reviews", "schedule", "server", "storefront", "web")

VIEWS: dict[str, Callable[[], Any]] = {
    "text": lambda: "hi",
    "tuple": lambda: ("hi", 418, {"X-Kind": "tuple"}),
    "response": lambda: Response(b"\x00\xff", 202, {"X-Kind": "response"}),
    "json": lambda: jsonify(a=[1, None]),
    "cached response": lambda: CachedResponse(Response("hi", 203), 5),
    "error": lambda: NotFound("no such thing"),
    "bytes": lambda: b"\x00\xff",
}


@pytest.mark.parametrize("kind", VIEWS)
def test_what_a_view_returned_comes_back_from_the_cache_as_it_was(redis_settings: dict[str, Any], kind: str) -> None:
    calls = []
    app, cache = program(**redis_settings)

    @app.get("/")
    @cache.cached()
    def view() -> Any:
        calls.append(kind)
        return VIEWS[kind]()

    first, second = (app.test_client().get("/") for _ in range(2))

    assert (second.status, second.data, second.headers) == (first.status, first.data, first.headers)
    assert calls == [kind]


@pytest.mark.parametrize("value", [(1, (2,)), b"\xff", date(2026, 11, 21), Decimal("1.10"), {1: {2}}, True, 0, ""])
def test_what_a_function_returned_comes_back_from_the_cache_as_it_was(
    redis_settings: dict[str, Any], value: object
) -> None:
    calls = []
    app, cache = program(**redis_settings)

    @cache.memoize()
    def function(number: int) -> object:
        calls.append(number)
        return value

    with app.app_context():
        first, second = function(1), function(1)

    assert (type(second), second) == (type(value), value) == (type(first), first)
    assert calls == [1]


class Bomb:
    """A pickle that makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.leaves_old_answers
def test_a_pickle_in_place_of_a_stamped_answer_or_a_token_is_never_read(
    probe: Probe, redis_server: RedisServer, tmp_path: Path
) -> None:
    exploded = tmp_path / "exploded"
    bomb = pickle.dumps(Bomb(exploded))
    probe.read()
    with redis_server.client() as attacker:
        for key in attacker.scan_iter():
            # In the place of everything, and of the answer alone, behind a stamp that is true.
            attacker.set(key, bomb if b":tag:" in key else attacker.get(key) + bomb)

    assert probe.read() == "old"

    assert not exploded.exists()
    pickle.loads(bomb)
    assert exploded.exists(), "the bomb is none"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_product_reads_no_pickle_that_it_has_not_written(
    app: Flask, redis_server: RedisServer, tmp_path: Path
) -> None:
    exploded = tmp_path / "exploded"
    cache = LecternCache(app)
    with app.app_context():
        cache.set_many({"views": 1, "page": ("hi", 418)})
        stored = cache.get_many("views", "page")
        with redis_server.client() as attacker:
            (key,) = [key for key in attacker.scan_iter() if key.endswith(b"page")]
            signed = attacker.get(key)
            attacker.set(key, b"!" + pickle.dumps(Bomb(exploded)))
            found = cache.get("page")
            attacker.set(key, signed[:-1] + b"x")
            found_damaged = cache.get("page")

    assert stored == [1, ("hi", 418)]
    assert (found, found_damaged) == (None, None)
    assert not exploded.exists()


def test_no_feature_uses_what_can_be_stale() -> None:
    stock = {"cached", "memoize", "get", "set", "add", "get_many", "set_many", "get_dict"}

    used = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in stock
        if isinstance(node.value, ast.Name) and node.value.id == "cache"
    ]

    assert used == []
