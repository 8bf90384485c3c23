"""The lives of applications, assignments and tasks, one table each: from where to where, by whom.

Services, the API's `allowed_transitions` and the buttons of pages read the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.actors import Actor
from accounts.models import Role
from accounts.rights import runs_school
from enrolment.statuses import ApplicationStatus, AssignmentStatus, TaskStatus
from errors import Forbidden, NotFound, WrongState
from events import EventType
from jsontext import JsonObject


class Party(StrEnum):
    """What a user is in an application or a course."""

    STUDENT = "the student"
    TEACHER = "the teacher"
    FORMER_TEACHER = "the teacher, who is a student by now"
    ADMIN = "an administrator"


@dataclass(frozen=True, slots=True)
class Sides:
    """The two people whom something is about."""

    student_id: int
    teacher_id: int

    def parties(self, actor: Actor) -> frozenset[Party]:
        """Name what a user is, nothing at all if it is not theirs to see."""
        return self.parties_of(actor.id, actor.role)

    def parties_of(self, user_id: int, role: str) -> frozenset[Party]:
        """Do the same for an id and a role."""
        found = []
        if user_id == self.student_id:
            found.append(Party.STUDENT)
        if user_id == self.teacher_id:
            found.append(Party.FORMER_TEACHER if role == Role.STUDENT else Party.TEACHER)
        if runs_school(role):
            found.append(Party.ADMIN)
        return frozenset(found)

    def require(self, actor: Actor, *who: Party) -> None:
        """Raise NotFound if it is none of a user's business, and Forbidden unless they are one of `who`."""
        parties = self.parties(actor)
        if not parties:
            raise NotFound
        if who and not parties & set(who):
            raise Forbidden(f"Only {' or '.join(who)} can do that.")


@dataclass(frozen=True, slots=True)
class Step:
    """One change of status, who may make it, and what others hear of it."""

    source: StrEnum
    target: StrEnum
    who: tuple[Party, ...]
    event: EventType


_A, _S, _T = ApplicationStatus, AssignmentStatus, TaskStatus
_STUDENT, _TEACHER, _DECIDES = (Party.STUDENT,), (Party.TEACHER,), (Party.TEACHER, Party.ADMIN)

APPLICATION_STEPS = (
    Step(_A.PENDING, _A.ACCEPTED, _DECIDES, EventType.APPLICATION_ACCEPTED),
    Step(_A.PENDING, _A.REJECTED, _DECIDES, EventType.APPLICATION_REJECTED),
    Step(_A.PENDING, _A.WITHDRAWN, _STUDENT, EventType.APPLICATION_WITHDRAWN),
)
ASSIGNMENT_STEPS = (
    Step(_S.ACTIVE, _S.COMPLETED, _TEACHER, EventType.ASSIGNMENT_COMPLETED),
    Step(_S.ACTIVE, _S.DROPPED, (Party.STUDENT, Party.TEACHER), EventType.ASSIGNMENT_DROPPED),
)
# A task follows what is handed in for it: a new version at any time until one is approved.
TASK_STEPS = (
    Step(_T.OPEN, _T.SUBMITTED, _STUDENT, EventType.SUBMISSION_CREATED),
    Step(_T.SUBMITTED, _T.SUBMITTED, _STUDENT, EventType.SUBMISSION_CREATED),
    Step(_T.REVISION_REQUESTED, _T.SUBMITTED, _STUDENT, EventType.SUBMISSION_CREATED),
    Step(_T.SUBMITTED, _T.APPROVED, _TEACHER, EventType.SUBMISSION_REVIEWED),
    Step(_T.SUBMITTED, _T.REVISION_REQUESTED, _TEACHER, EventType.SUBMISSION_REVIEWED),
)


def allowed(steps: Iterable[Step], status: str, parties: frozenset[Party]) -> list[str]:
    """List the statuses into which one of these parties may bring something that has `status`."""
    return [str(step.target) for step in steps if step.source == status and parties & set(step.who)]


def with_steps(shown: JsonObject, steps: Iterable[Step], user_id: int, role: str) -> JsonObject:
    """Return what is shown of an application or a course, with what a user may do about it."""
    parties = Sides(shown["student"]["id"], shown["teacher"]["id"]).parties_of(user_id, role)
    return shown | {"allowed_transitions": allowed(steps, shown["status"], parties)}


def step_to(steps: Sequence[Step], status: str, target: str, parties: frozenset[Party], noun: str) -> Step:
    """Return the row of a table by which one of these parties brings something from `status` to `target`.

    Raises NotFound, Forbidden or WrongState, in this order.
    """
    if not parties:
        raise NotFound
    theirs = [step for step in steps if step.target == target and parties & set(step.who)]
    if not theirs:
        others = {who: None for step in steps if step.target == target for who in step.who}
        raise Forbidden(f"Only {' or '.join(others)} can do that.")
    for step in theirs:
        if step.source == status:
            return step
    words = f"This {noun} is {status.replace('_', ' ')} and cannot become {target.replace('_', ' ')}."
    raise WrongState(words, current=status, allowed=allowed(steps, status, parties))
