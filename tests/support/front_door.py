"""Both ways to an answer, through the front door and through the house behind it, side by side."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import run_wsgi_app

from accounts.front_door import FrontDoor

Answer = tuple[str, list[tuple[str, str]], bytes]


def door_of(app: Flask) -> FrontDoor:
    """The front door of an application with a cache."""
    door = app.wsgi_app
    assert isinstance(door, FrontDoor)
    return door


def alone(door: FrontDoor) -> FrontDoor:
    """The same door with nothing behind it: what it declines stays without an answer."""
    lonely = copy.copy(door)
    lonely.house = lambda _environ, start_response: _decline(start_response)  # type: ignore[method-assign]
    return lonely


def ask(way: Any, environ: dict[str, Any]) -> Answer:
    """Ask one of the ways; of the headers all but the time, which may be another one."""
    body, status, headers = run_wsgi_app(way, environ, buffered=True)
    return status, _without_date(headers), b"".join(body)


@contextmanager
def compared_with_the_house() -> Iterator[list[str]]:
    """Whenever the door answers, ask the house as well and compare; collect what the door was asked."""
    asked: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FrontDoor, "__call__", _comparing(FrontDoor.__call__, asked))
        yield asked


def _comparing(call: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    def both(door: FrontDoor, environ: dict[str, Any], start_response: Any) -> Any:
        untouched = dict(environ)
        said: list[Any] = []
        body = call(alone(door), environ, lambda *start: said.extend(start))
        if said[0] == _DECLINED:
            return door.house(environ, start_response)
        asked.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        by_house = ask(door.house, untouched)
        # Where others are writing at the same time the house may have come too late for the same hit.
        if ("X-Cache", "HIT") in by_house[1]:
            assert by_house == (said[0], _without_date(said[1]), b"".join(body))
        start_response(*said)
        return body

    return both


def _without_date(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(header for header in headers if header[0] != "Date")


_DECLINED = "000 DECLINED"


def _decline(start_response: Any) -> list[bytes]:
    start_response(_DECLINED, [])
    return []
