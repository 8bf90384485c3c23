"""Who reads a page, and in which time zone it is written for them.

For templates: nothing here ever raises.
"""

from __future__ import annotations

import logging

from flask import g

from accounts.sign_in.identity import Viewer, shown_viewer
from errors import LecternError

logger = logging.getLogger(__name__)


def reader() -> Viewer | None:
    """Return who is signed in.

    On a page about an error that may be unknown: then it is nobody.
    """
    if "reader" not in g:
        g.reader = _reader()
    return g.reader  # type: ignore[no-any-return]


def reader_zone() -> str | None:
    """Return the zone of times on this page: the reader's own, or that of what they are looking at."""
    viewer = reader()
    return viewer.time_zone if viewer else g.get("place")


def read_from(time_zone: str) -> None:
    """Let times be written in this zone if the reader has none of their own."""
    g.place = time_zone


def _reader() -> Viewer | None:
    try:
        return shown_viewer()
    except LecternError:
        return None
    except Exception:
        logger.exception("An error page could not find out who reads it.")
        return None
