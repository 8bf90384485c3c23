"""Who may see and change the sessions of a gig, and which gigs have any."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from accounts.actors import Actor
from errors import Forbidden, NotFound, WrongState
from gigs.models import Enrolment, Times
from gigs.states import is_closed, manager_of, shown_to_others


def visible_gig(gig: Row[Any] | None, actor: Actor) -> Row[Any]:
    """Return this gig if a user may look at it.

    Raises NotFound.
    """
    if gig is None or not gig.is_taught:
        raise NotFound
    if not shown_to_others(gig.status, gig.visibility) and not manages(gig, actor):
        raise NotFound
    return gig


def managed_gig(gig: Row[Any] | None, actor: Actor) -> Row[Any]:
    """Return this gig if a user may set its sessions.

    Raises NotFound, or Forbidden if they may only look at it.
    """
    gig = visible_gig(gig, actor)
    if not manages(gig, actor):
        raise Forbidden("Only its teacher sets the sessions of a gig.")
    return gig


def manages(gig: Any, actor: Actor) -> bool:
    """Tell whether a user is the gig's teacher or an administrator."""
    return manager_of(gig.teacher_id, actor.id, actor.role) is not None


def require_timetable(gig: Row[Any]) -> None:
    """Raise WrongState unless sessions of this gig can be set."""
    if is_closed(gig.status):
        raise WrongState(f"This gig is {gig.status}; it gets no sessions any more.", current=gig.status)
    if gig.times != Times.TIMETABLE or gig.enrolment != Enrolment.BOOKING:
        detail = "Students choose the times of this gig themselves: give it a timetable first."
        raise WrongState(detail, current=gig.times, allowed=[str(Times.TIMETABLE)])
