"""The life of a gig as one table, and who may look at it.

draft → published ⇄ paused, and any of the three → archived.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accounts.models import Role
from gigs.models import GigStatus, Visibility


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

# A paused gig cannot be booked, but users who have its link still see it.
_SHOWN_TO_OTHERS = (GigStatus.PUBLISHED, GigStatus.PAUSED)


def allowed(status: str, manager: Manager | None) -> list[str]:
    """List the statuses into which `manager` may bring a gig that has `status`."""
    return [str(step.target) for step in TRANSITIONS if step.source == status and manager in step.who]


def manager_of(teacher_id: int, viewer_id: int, role: str) -> Manager | None:
    """Tell as what a user may change the gigs of a teacher, None if not at all."""
    if viewer_id == teacher_id:
        return Manager.TEACHER
    return Manager.ADMIN if role == Role.ADMIN else None


def shown_to_others(status: str, visibility: str) -> bool:
    """Tell whether everyone who has the link may see a gig."""
    return status in _SHOWN_TO_OTHERS and visibility != Visibility.PRIVATE


def is_closed(status: str) -> bool:
    """Tell whether nothing about a gig changes any more."""
    return status == GigStatus.ARCHIVED
