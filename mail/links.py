"""Addresses of pages as people outside have to write them: jobs have no request that would tell."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from web.settings import chosen


def home() -> str:
    """Return the address of the start page, without a slash at its end."""
    return chosen().public_url


def path_to(endpoint: str, **values: Any) -> str:
    """Return the path of a page, below the address of the start page."""
    return current_app.url_map.bind("").build(endpoint, values)


def link_to(endpoint: str, **values: Any) -> str:
    """Return the whole address of a page below PUBLIC_URL."""
    parts = urlsplit(home())
    adapter = current_app.url_map.bind(parts.netloc, parts.path or "/", url_scheme=parts.scheme)
    return adapter.build(endpoint, values, force_external=True)
