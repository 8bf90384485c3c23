"""The snippet that puts a gig on another website."""

from __future__ import annotations

from markupsafe import escape

from gigs.models import GigStatus, Visibility
from jsontext import JsonObject

# Enough for three days with free times on a telephone.
HEIGHT = 720


def is_shown(gig: JsonObject) -> bool:
    """Tell whether a frame shows anything of a gig."""
    return bool(gig["status"] == GigStatus.PUBLISHED and gig["visibility"] != Visibility.PRIVATE)


def snippet(gig: JsonObject, address: str) -> str:
    """Return the HTML that shows a gig in a frame, which has this address."""
    title = escape(f"{gig['title']} with {gig['teacher']['name']}")
    return f'<iframe src="{escape(address)}" title="{title}" width="100%" height="{HEIGHT}" loading="lazy"></iframe>'
