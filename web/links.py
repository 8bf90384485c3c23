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


def init_app(app: Flask) -> None:
    """Let templates of `app` build each address once."""

    @lru_cache(maxsize=REMEMBERED, typed=True)
    def build(_root: str, endpoint: str, **values: Any) -> str:
        return flask.url_for(endpoint, **values)

    def url_for(endpoint: str, **values: Any) -> str:
        """Return the address of an endpoint, as Flask does."""
        # What begins with a dot or an underscore depends on the request.
        if endpoint.startswith(".") or any(name.startswith("_") for name in values):
            return flask.url_for(endpoint, **values)
        try:
            return build(flask.request.root_path, endpoint, **values)
        except TypeError:
            # A list of values cannot be remembered.
            return flask.url_for(endpoint, **values)

    app.jinja_env.globals["url_for"] = url_for
