"""Cursors that no list has given out."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from jsontext import dumps


def forged_cursor(value: Any) -> str:
    """Encode anything the way a cursor is encoded."""
    return urlsafe_b64encode(dumps(value)).rstrip(b"=").decode()
