"""The life of a gig as one table, and who may see it.

draft → published ⇄ paused, and any of the three → archived.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from accounts.actors import Actor
from accounts.rights import runs_school
from errors import NotFound
from events import EventType
from gigs.models import GigStatus, Visibility
from jsontext import JsonObject


class Manager(StrEnum):
    """The two ways in which a user may change a gig."""

    TEACHER = "its teacher"
    ADMIN = "an administrator"


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of status, and who may make it."""

    source: GigStatus
    target: GigStatus
    who: tuple[Manager, ...] = (Manager.TEACHER, Manager.ADMIN)


TRANSITIONS = (
    Transition(GigStatus.DRAFT, GigStatus.PUBLISHED),
    Transition(GigStatus.PUBLISHED, GigStatus.PAUSED),
    Transition(GigStatus.PAUSED, GigStatus.PUBLISHED),
    Transition(GigStatus.DRAFT, GigStatus.ARCHIVED),
    Transition(GigStatus.PUBLISHED, GigStatus.ARCHIVED),
    Transition(GigStatus.PAUSED, GigStatus.ARCHIVED),
)

# What a gig that has become this is to other programs.
EVENTS = MappingProxyType(
    {
        GigStatus.PUBLISHED: EventType.GIG_PUBLISHED,
        GigStatus.PAUSED: EventType.GIG_PAUSED,
        GigStatus.ARCHIVED: EventType.GIG_ARCHIVED,
    }
)

# A paused gig cannot be booked, but users who have its link still see it.
_SHOWN_TO_OTHERS = (GigStatus.PUBLISHED, GigStatus.PAUSED)


def allowed(status: str, manager: Manager | None) -> list[str]:
    """List the statuses into which `manager` may bring a gig that has `status`."""
    return [str(step.target) for step in TRANSITIONS if step.source == status and manager in step.who]


def manager_of(teacher_id: int, viewer_id: int, role: str) -> Manager | None:
    """Tell as what a user may change the gigs of a teacher, None if not at all."""
    if viewer_id == teacher_id:
        return Manager.TEACHER
    return Manager.ADMIN if runs_school(role) else None


def shown_to_others(status: str, visibility: str) -> bool:
    """Tell whether everyone who has the link may see a gig."""
    return status in _SHOWN_TO_OTHERS and visibility != Visibility.PRIVATE


def shown_to(gig: JsonObject | None, viewer: Actor | None) -> JsonObject:
    """Return what of a gig is visible to a viewer, None being a visitor.

    The cached gig is the same for all. Its location is for its teacher and administrators. Raises NotFound if there is
    no such gig, or if it is not visible to the viewer.
    """
    if gig is None:
        raise NotFound
    if viewer is not None and manager_of(gig["teacher"]["id"], viewer.id, viewer.role):
        return gig
    if not shown_to_others(gig["status"], gig["visibility"]):
        raise NotFound
    return {name: value for name, value in gig.items() if name != "location"}


def is_closed(status: str) -> bool:
    """Tell whether nothing about a gig changes any more."""
    return status == GigStatus.ARCHIVED
