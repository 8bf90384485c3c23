"""How it is said what becomes of a person's data: rows that go, words that go, and what stays and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, select

from extensions import Base

# Why something stays.
FACTS = "facts of lessons, money and the school, which name people by their ids alone"
WORK = "work of the program itself, made of what else there is, or soon forgotten"

REMOVED = "Removed."
EMPTY = ""
NOTHING = None
NO = False
NO_LINKS: list[str] = []
NO_PASSWORD = "!"  # noqa: S105  (no password has this hash)
ZONE = "UTC"


class Of(NamedTuple):
    """A value that says which person it once was, by their role and id."""

    pattern: str

    def about(self, role: str, user_id: int) -> str:
        """Write it."""
        return self.pattern.format(role=role, id=user_id)


NAME = Of("Former {role}")
FOLDED = Of("former {role}")
ADDRESS = Of("erased-{id}@erased.invalid")


class Words:
    """What takes the place of words, and the columns that say whose words they are."""

    def __init__(self, instead: Any, *by: str) -> None:
        """Take `column`, or `column>table.column` where that stands with another table."""
        self.instead = instead
        self.by = by

    def without(self, role: str, user_id: int) -> Any:
        """Return what stands there when the person is gone."""
        return self.instead.about(role, user_id) if isinstance(self.instead, Of) else self.instead


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What becomes of a table."""

    # Columns of rows that go, and the columns that say whose rows they are.
    gone: str = ""
    by: Sequence[str] = ()
    texts: Mapping[str, Words] = field(default_factory=dict)
    # Columns, and why they stay.
    kept: Sequence[tuple[str, str]] = ()

    def columns(self) -> set[str]:
        """Name all columns that it says something about."""
        return {*self.gone.split(), *self.texts, *(name for names, _ in self.kept for name in names.split())}


def gone(columns: str, *, by: Sequence[str]) -> Declared:
    """Say that a person's rows go."""
    return Declared(gone=columns, by=by)


def stays(columns: str, because: str) -> Declared:
    """Say that all rows stay as they are."""
    return Declared(kept=[(columns, because)])


def is_of(table: Table, path: str, user_id: int) -> ColumnElement[bool]:
    """Build the condition that a row is of a person, directly or by the row of another table."""
    name, _, elsewhere = path.partition(">")
    if not elsewhere:
        return table.c[name] == user_id
    parent_name, _, column = elsewhere.partition(".")
    parent = Base.metadata.tables[parent_name]
    return table.c[name].in_(select(parent.c.id).where(parent.c[column] == user_id))
