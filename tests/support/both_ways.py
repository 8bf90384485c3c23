"""Both ways to an answer, from the list middleware and from the application that it wraps, side by side."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import run_wsgi_app

from web.list_middleware import ListMiddleware

Answer = tuple[str, list[tuple[str, str]], bytes]


def middleware_of(app: Flask) -> ListMiddleware:
    """The list middleware of an application with a cache."""
    middleware = app.wsgi_app
    assert isinstance(middleware, ListMiddleware)
    return middleware


def alone(middleware: ListMiddleware) -> ListMiddleware:
    """The same middleware with nothing behind it: what it declines stays without an answer."""
    lonely = copy.copy(middleware)
    vars(lonely)["app"] = lambda _environ, start_response: _decline(start_response)
    return lonely


def ask(way: Any, environ: dict[str, Any]) -> Answer:
    """Ask one of the ways; of the headers all but the time and the id, which may be others."""
    body, status, headers = run_wsgi_app(way, environ, buffered=True)
    return status, _without_date(headers), b"".join(body)


@contextmanager
def compared_with_the_application() -> Iterator[list[str]]:
    """Whenever the middleware answers, ask the application as well and compare; collect what was asked."""
    asked: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ListMiddleware, "__call__", _comparing(ListMiddleware.__call__, asked))
        yield asked


def _comparing(call: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    def both(middleware: ListMiddleware, environ: dict[str, Any], start_response: Any) -> Any:
        untouched = dict(environ)
        said: list[Any] = []
        body = call(alone(middleware), environ, lambda *start: said.extend(start))
        if said[0] == _DECLINED:
            return middleware.app(environ, start_response)
        asked.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        by_app = ask(middleware.app, untouched)
        # Where others are writing at the same time the application may have come too late for the same hit.
        if ("X-Cache", "HIT") in by_app[1]:
            assert by_app == (said[0], _without_date(said[1]), b"".join(body))
        start_response(*said)
        return body

    return both


def _without_date(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(header for header in headers if header[0] not in ("Date", "X-Request-ID"))


_DECLINED = "000 DECLINED"


def _decline(start_response: Any) -> list[bytes]:
    start_response(_DECLINED, [])
    return []
