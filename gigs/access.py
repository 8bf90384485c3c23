"""What of a gig somebody gets to see.

The cached gig is the same for everybody; this decides after it was read.
"""

from __future__ import annotations

from accounts.actors import Actor
from errors import NotFound
from gigs.states import manager_of, shown_to_others
from jsontext import JsonObject


def shown_to(gig: JsonObject | None, viewer: Actor | None) -> JsonObject:
    """Return the gig as this viewer sees it, None being somebody who is not signed in.

    Its location is for its teacher and administrators alone. Raises NotFound if there is none, or if it is none of
    their business.
    """
    if gig is None:
        raise NotFound
    if viewer is not None and manager_of(gig["teacher"]["id"], viewer.id, viewer.role):
        return gig
    if not shown_to_others(gig["status"], gig["visibility"]):
        raise NotFound
    return {name: value for name, value in gig.items() if name != "location"}
