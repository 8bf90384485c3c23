"""Where applications, assignments, tasks and submissions stand."""

from __future__ import annotations

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
