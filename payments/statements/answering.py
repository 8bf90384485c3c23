"""Which statement a request asks for, as the API and the pages both understand it."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.queries import profile
from accounts.rights import runs_school
from caching import Answer, cache
from errors import Invalid, NotFound
from payments.months import Month, beginning_of
from payments.statements.queries import Wanted, statement_for
from payments.statements.schemas import Asked

_WHOSE = "Say whose statement you want."


def wanted_by(viewer: Actor, asked: Asked, zone: str, month: Month) -> tuple[Wanted, str]:
    """Say whose statement it is, from when to when, and that person's name.

    It is one's own, or for an administrator that of the person they name. Raises Invalid or NotFound.
    """
    user_id = viewer.id
    if runs_school(viewer.role):
        if asked.user_id is None:
            raise Invalid({"user_id": [_WHOSE]})
        user_id = asked.user_id
    elif asked.user_id not in (None, viewer.id):
        raise NotFound
    person = profile(user_id).json()
    if person is None or runs_school(person["role"]):
        raise NotFound
    start, end = month.start, month.end
    if asked.first and asked.last:
        start, end = beginning_of(asked.first, zone), beginning_of(asked.last, zone)
    wanted = Wanted(user_id=user_id, role=person["role"], person_id=asked.person_id, start=start, end=end)
    return wanted, person["name"]


def answer_to(wanted: Wanted) -> Answer:
    """Look a statement up."""
    return cache.look_up(statement_for(wanted))[0].answer()
