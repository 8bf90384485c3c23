"""Note what a request looks at, beside answering it."""

from __future__ import annotations

import re

from flask import request

from accounts.sign_in.identity import Viewer, current_viewer
from gigs.states import manager_of
from gigs.traces import notebook
from jsontext import JsonObject
from web.clock import now

# Programs that read pages for a search engine, a preview or a check are nobody who looks at a gig.
_MACHINE = re.compile(r"bot|crawl|spider|slurp|preview|monitor", re.IGNORECASE)


def notice_view(gig: JsonObject, viewer: Viewer | None) -> None:
    """Note that a gig is looked at, unless by those who manage it or by a machine."""
    if viewer is not None and manager_of(gig["teacher"]["id"], viewer.id, viewer.role):
        return
    if request.method != "GET" or _MACHINE.search(request.user_agent.string):
        return
    user_id = viewer.id if viewer else None
    notebook.note_view(gig["id"], user_id=user_id, address=request.remote_addr or "", now=now())


def notice_search() -> None:
    """Note what a signed-in person searches for.

    The second page of a search is no search of its own.
    """
    words, viewer = request.args.get("q", "").strip(), current_viewer()
    if words and viewer is not None and "cursor" not in request.args and request.method == "GET":
        notebook.note_search(viewer.id, words, now=now())
