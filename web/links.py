"""Addresses in pages.

A page of twenty lessons has some hundred of them, and to build one takes longer than to write the lesson's time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import flask
from flask import Flask

# Most have an id in them, and people look at what is new.
REMEMBERED = 4096
# What readers have typed, such as the words of a search, is not remembered.
LONGEST_VALUE = 64


def init_app(app: Flask) -> None:
    """Let templates of `app` build each address once."""

    @lru_cache(maxsize=REMEMBERED, typed=True)
    def build(_root: str, endpoint: str, **values: Any) -> str:
        return flask.url_for(endpoint, **values)

    def url_for(endpoint: str, **values: Any) -> str:
        """Return the address of an endpoint, as Flask does."""
        if endpoint.startswith(".") or not all(map(_is_plain, values.items())):
            return flask.url_for(endpoint, **values)
        return build(flask.request.root_path, endpoint, **values)

    app.jinja_env.globals["url_for"] = url_for


def _is_plain(value: tuple[str, Any]) -> bool:
    """Tell whether an address depends on nothing but this value, which is worth remembering.

    What begins with an underscore depends on the request.
    """
    name, given = value
    return not name.startswith("_") and (
        isinstance(given, int) or (isinstance(given, str) and len(given) <= LONGEST_VALUE)
    )
