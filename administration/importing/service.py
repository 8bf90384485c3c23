"""Import a list of people or gigs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from administration.importing import gigs, people
from administration.importing.lines import Kind, Planned, Table, as_long_as_its_heading, table_of
from errors import EmailTaken


class What(StrEnum):
    """Of what a file is a list."""

    PEOPLE = "people"
    GIGS = "gigs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a file, or would become of it."""

    planned: list[Planned]
    ignored: list[str]
    applied: bool

    def count(self, kind: Kind) -> int:
        """Return of how many lines this is true."""
        return sum(one.kind is kind for one in self.planned)


_ROOMS = {What.PEOPLE: people, What.GIGS: gigs}


def run(what: What, content: bytes, *, apply: bool, invite: bool = False, now: datetime) -> Outcome:
    """Say what each line of a file is, and import all of them if asked to.

    If one of them is wrong, none is imported. A file may be sent again: who has an account, and what a teacher has
    already, stays as it is. Raises Invalid if it is no such list.
    """
    room = _ROOMS[what]
    table = table_of(content, room.COLUMNS, room.REQUIRED)
    outcome = _planned(what, table)
    if not apply or outcome.count(Kind.INVALID):
        return outcome
    try:
        if what is What.PEOPLE:
            people.apply(outcome.planned, invite=invite, now=now)
        else:
            gigs.apply(outcome.planned, now=now)
    except EmailTaken:
        # The same list may have been sent twice at once, as by a double click.
        outcome = _planned(what, table)
        if outcome.count(Kind.NEW):
            raise
    return replace(outcome, applied=True)


def _planned(what: What, table: Table) -> Outcome:
    planned = [as_long_as_its_heading(one) for one in _ROOMS[what].plan(table)]
    return Outcome(planned=planned, ignored=table.ignored, applied=False)
