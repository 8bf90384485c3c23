"""Who views a page, and in which time zone its times are shown.

Templates use it, so nothing here ever raises.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import cast

from flask import g, request
from werkzeug.wrappers import Response

from accounts.sign_in.identity import Viewer, shown_on_page, shown_viewer
from errors import LecternError
from jsontext import JsonObject
from web.fields import TIME_ZONES

logger = logging.getLogger(__name__)

# `static/lectern.js` knows this name.
ZONE_COOKIE = "time-zone"
ZONE_KEPT = timedelta(days=365)


def page_viewer() -> Viewer | None:
    """Return the viewer of this page.

    On a page about an error it may not be known who that is. Then it is None.
    """
    if "page_viewer" not in g:
        g.page_viewer = _find_viewer()
    return g.page_viewer  # type: ignore[no-any-return]


def shown_zone() -> str | None:
    """Return the time zone of this page: the viewer's own, a visitor's, or that of its subject."""
    if zone := g.get("zone_for_all"):
        return cast("str", zone)
    viewer = page_viewer()
    return viewer.time_zone if viewer else visitors_zone() or g.get("shown_zone")


def visitors_zone() -> str | None:
    """Return the time zone of a visitor's browser, as the page's script found it out or as they chose it."""
    zone = request.cookies.get(ZONE_COOKIE, "")
    return zone if zone in TIME_ZONES else None


def keep_visitors_zone(answer: Response, zone: str) -> None:
    """Remember a time zone that a visitor chose.

    It is no secret, and the script writes the same cookie.
    """
    answer.set_cookie(ZONE_COOKIE, zone, max_age=ZONE_KEPT, samesite="Lax", secure=request.is_secure)


def show_times_in(time_zone: str) -> None:
    """Show this page's times in a zone, if its viewer has none of their own."""
    g.shown_zone = time_zone


def show_the_same_to_all(time_zone: str) -> None:
    """Show this page to everybody as to a visitor, with its times in a zone.

    No cookie of its reader is looked at.
    """
    g.page_viewer = None
    g.zone_for_all = time_zone


def shown_around(name: str) -> JsonObject | None:
    """Return one of the things that stand around each page of a signed-in viewer.

    None where it is not known.
    """
    try:
        return shown_on_page(name) if page_viewer() else None
    except LecternError:
        return None
    except Exception:
        logger.exception("A page could not find out what stands around it.")
        return None


def page_version() -> str:
    """Return what an open page compares to find out that something is new.

    A word that no version is where that cannot be told, and nothing for visitors.
    """
    return (g.get("page_version") or "unknown") if page_viewer() else ""


def _find_viewer() -> Viewer | None:
    try:
        return shown_viewer()
    except LecternError:
        return None
    except Exception:
        logger.exception("An error page could not find out who views it.")
        return None
