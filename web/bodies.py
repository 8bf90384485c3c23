"""How much a client may send, and files that are sent as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from config import MAX_BODY_BYTES, MAX_FILE_BYTES

V = TypeVar("V", bound=Callable[..., Any])

# What a form adds to the file in it: boundaries, names, a token.
ROOM_FOR_FORM = 10_000
_TAKES_FILE = "_takes_file"


def takes_file(view: V) -> V:
    """Let the body of a view's requests be as long as a file."""
    setattr(view, _TAKES_FILE, True)
    return view


def bound_body(view: Callable[..., Any] | None) -> None:
    """Bound the body of the present request, which goes to this view.

    Raises RequestEntityTooLarge if more is announced. Where nothing is announced, more is not read.
    """
    most = MAX_FILE_BYTES + ROOM_FOR_FORM if hasattr(view, _TAKES_FILE) else MAX_BODY_BYTES
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge
    request.max_content_length = most


def sent_file() -> bytes:
    """Return the body of the present request, which is a file.

    Raises RequestEntityTooLarge.
    """
    if (request.content_length or 0) > MAX_FILE_BYTES:
        raise RequestEntityTooLarge
    content = request.get_data(cache=False)
    if len(content) > MAX_FILE_BYTES:
        raise RequestEntityTooLarge
    return content
