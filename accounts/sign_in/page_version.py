"""The version of all that a user's pages show, so that open pages find out that something is new."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g

from accounts.sign_in.identity import credentials, current_viewer, look_up_with_viewer, require_viewer, to_watch
from caching import Tag, cache, version_of, watch
from caching.reads import LookUp
from errors import Unauthenticated


def own_version(*more: Tag) -> str | None:
    """Return the present version for the one who asks, in one round trip with their sign-in.

    It may be that of more tags as well. None if it cannot be told. Raises Unauthenticated.
    """
    who = credentials()
    if who is None:
        raise Unauthenticated
    found = look_up_with_viewer(*map(watch, more), *to_watch(who))
    viewer = require_viewer()
    own = found[len(more) :] if viewer.role == who.role else cache.look_up(*to_watch(viewer))
    return _together(version_of(own), found[: len(more)])


def follow_also(looks: Sequence[LookUp]) -> None:
    """Let this page follow more tags than those of its viewer.

    They were looked at before what the page shows of them was read.
    """
    if "page_version" in g:
        g.page_version = _together(g.page_version, looks)


def _together(own: str | None, looks: Sequence[LookUp]) -> str | None:
    more = version_of(looks) if looks else ""
    return None if own is None or more is None else own + more


def renew_page_version() -> None:
    """Look at the version of this page anew.

    A page does so after it has itself changed what it watches, such as that a message is read by now.
    """
    if (viewer := current_viewer()) is not None:
        g.page_version = version_of(cache.look_up(*to_watch(viewer)))
