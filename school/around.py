"""The school as it stands around a page, looked up in the round trip that the page makes anyway."""

from __future__ import annotations

import logging
from typing import cast

from flask import g

from caching import BoundRead, cache
from caching.reads import LookUp
from errors import LecternError
from jsontext import JsonObject
from school.models import NO_ZONE, NOTHING_CHOSEN
from school.queries import school
from web.answers import wants_json

logger = logging.getLogger(__name__)


def look_up_beside(*reads: BoundRead) -> list[LookUp]:
    """Look reads up, and for a page the school with them."""
    if not reads or "school" in g or wants_json():
        return cache.look_up(*reads)
    *found, g.school = cache.look_up(*reads, school.at())
    return found


def shown_school() -> JsonObject:
    """Return the school of this page.

    Templates use it, so nothing here ever raises. Where it cannot be found out, a page has Lectern's own name.
    """
    try:
        if "school" not in g:
            (g.school,) = cache.look_up(school.at())
        if isinstance(g.school, LookUp):
            g.school = g.school.answer().json()
    except LecternError:
        # The error itself is told elsewhere, once.
        g.school = dict(NOTHING_CHOSEN)
    except Exception:
        logger.exception("A page could not find out whose it is.")
        g.school = dict(NOTHING_CHOSEN)
    return cast("JsonObject", g.school)


def schools_zone() -> str | None:
    """Return the zone that the school proposes, None if it has chosen none."""
    zone = str(shown_school()["time_zone"])
    return zone if zone != NO_ZONE else None


def keep(shown: JsonObject) -> None:
    """Show this on the page, because it was looked up with its viewer."""
    g.school = shown
