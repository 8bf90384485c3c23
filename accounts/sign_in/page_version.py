"""The version of all that a user's pages show, so that open pages find out that something is new."""

from __future__ import annotations

from flask import g

from accounts.sign_in.identity import credentials, current_viewer, look_up_with_viewer, require_viewer, to_watch
from caching import cache, version_of
from errors import Unauthenticated


def own_version() -> str | None:
    """Return the present version for the one who asks, in one round trip with their sign-in.

    None if it cannot be told. Raises Unauthenticated.
    """
    who = credentials()
    if who is None:
        raise Unauthenticated
    found = look_up_with_viewer(*to_watch(who))
    viewer = require_viewer()
    return version_of(found if viewer.role == who.role else cache.look_up(*to_watch(viewer)))


def renew_page_version() -> None:
    """Look at the version of this page anew.

    A page does so after it has itself changed what it watches, such as that a message is read by now.
    """
    if (viewer := current_viewer()) is not None:
        g.page_version = version_of(cache.look_up(*to_watch(viewer)))
