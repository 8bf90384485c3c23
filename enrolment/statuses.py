"""Where applications, assignments, tasks and submissions stand, and what pages say of it.

A new status is a member of its enumeration and a row of its table of words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class AssignmentStatus(StrEnum):
    """Where an assignment stands: only an active one takes up a place of its gig."""

    ACTIVE = "active"
    COMPLETED = "completed"
    DROPPED = "dropped"


class TaskStatus(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    REVISION_REQUESTED = "revision_requested"
    APPROVED = "approved"


class SubmissionStatus(StrEnum):
    """What a teacher says about a version."""

    SUBMITTED = "submitted"
    REVISION_REQUESTED = "revision_requested"
    APPROVED = "approved"


ENDED = (AssignmentStatus.COMPLETED, AssignmentStatus.DROPPED)
# What the student has still to do.
TO_DO = (TaskStatus.OPEN, TaskStatus.REVISION_REQUESTED)


@dataclass(frozen=True, slots=True)
class Words:
    """What pages say of a status."""

    word: str
    # To the teacher, where that is not the same.
    to_teacher: str = ""
    icon: str = ""
    # Its colour is that of a lesson with this status.
    badge: str = ""


APPLICATION_WORDS = {
    ApplicationStatus.PENDING: Words("Waiting for an answer", icon="clock", badge="pending"),
    ApplicationStatus.ACCEPTED: Words("Accepted", icon="check", badge="accepted"),
    ApplicationStatus.REJECTED: Words("Declined", icon="cross", badge="ended"),
    ApplicationStatus.WITHDRAWN: Words("Taken back", icon="slash", badge="ended"),
}
COURSE_WORDS = {
    AssignmentStatus.ACTIVE: Words("Under way"),
    AssignmentStatus.COMPLETED: Words("Completed"),
    AssignmentStatus.DROPPED: Words("Ended early"),
}
TASK_WORDS = {
    TaskStatus.OPEN: Words("To be handed in"),
    TaskStatus.SUBMITTED: Words("Handed in", to_teacher="Waits for your feedback"),
    TaskStatus.REVISION_REQUESTED: Words("To be worked on once more"),
    TaskStatus.APPROVED: Words("Done"),
}
