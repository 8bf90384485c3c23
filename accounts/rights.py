"""What each role may do beyond its own affairs, as one table.

A rule asks for a right and never for a role, so that another role is another row.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from accounts.models import Role


class Right(StrEnum):
    """Something that not everybody may do."""

    # To see and change what belongs to others: lessons, gigs, courses, payments, reviews, people.
    SCHOOL = "run the school"
    # How the installation works: the school's own settings, its webhooks, its cache.
    SETTINGS = "change settings"
    # To give and take roles, and so all of these rights.
    ROLES = "give roles"
    # To take away for good what is known of a person.
    ERASURE = "erase data"
    # To read what those who run the school have done.
    AUDIT = "read the audit log"


RIGHTS: Mapping[str, frozenset[Right]] = MappingProxyType(
    {
        Role.STUDENT: frozenset(),
        Role.TEACHER: frozenset(),
        Role.OFFICE: frozenset({Right.SCHOOL}),
        Role.ADMIN: frozenset(Right),
    }
)


def may(role: str, right: Right) -> bool:
    """Tell whether users with this role have a right."""
    return right in RIGHTS[role]


def runs_school(role: str) -> bool:
    """Tell whether users with this role look after what belongs to others."""
    return Right.SCHOOL in RIGHTS[role]


def holders(right: Right) -> tuple[Role, ...]:
    """Name the roles that have a right."""
    return tuple(role for role in Role if right in RIGHTS[role])


# Those who run the school: the office and the administrators.
STAFF = holders(Right.SCHOOL)
# Those who also change how the installation works.
SETTERS = holders(Right.SETTINGS)

# What the roles are called in lists and choices, and in a sentence.
LABELS: Mapping[str, str] = MappingProxyType(
    {Role.STUDENT: "Student", Role.TEACHER: "Teacher", Role.OFFICE: "Office", Role.ADMIN: "Administrator"}
)
CALLED: Mapping[str, str] = MappingProxyType(
    {
        Role.STUDENT: "a student",
        Role.TEACHER: "a teacher",
        Role.OFFICE: "a member of the office",
        Role.ADMIN: "an administrator",
    }
)
