"""Collect which rows a transaction changes, with what stood in them before.

Only ids, numbers, times and words of ours are kept. A text that people have written appears as changed, without itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Date, Enum, Integer, Numeric, Table, inspect, select
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.sql.dml import Delete, Update

from database import Instant
from jsontext import JsonObject

# What follows from a change by itself, or belongs to the machinery.
SILENT = frozenset(
    {
        "account_tokens", "audit_entries", "audit_people", "booking_events", "cache_outbox", "checkout_notices",
        "counted_gigs", "events", "events_end", "events_exchange", "facet_counts", "gig_documents", "gig_views",
        "held_times", "invoice_counters", "jobs", "listed_gigs", "mails", "notifications", "offered_times",
        "periodic_runs", "recent_gigs", "search_words", "searches", "unseen_changes", "webhook_deliveries",
    }
)  # fmt: skip
# Columns that say whom a row is about.
PEOPLE = ("user_id", "student_id", "teacher_id", "owner_id", "author_id", "payee_id", "payer_id")
# Of one act so many rows are shown.
MOST_ROWS = 50

_PLAIN = (Integer, Boolean, Numeric, Date, Instant, Enum)
_TEXT = "a text"


@dataclass(slots=True)
class Changes:
    """What a transaction has changed so far, by row."""

    before: dict[str, JsonObject] = field(default_factory=dict)
    after: dict[str, JsonObject] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)

    def add(self, name: str, old: JsonObject, new: JsonObject) -> None:
        """Add what has changed in a row.

        Of several changes the first has what was before.
        """
        if name not in self.before and len(self.before) >= MOST_ROWS:
            return
        for column, value in old.items():
            self.before.setdefault(name, {}).setdefault(column, value)
        self.before.setdefault(name, {})
        self.after.setdefault(name, {}).update(new)


def note_flushed(session: Session, changes: Changes) -> None:
    """Note the rows that the unit of work has just written, while their history is known."""
    for row in (*session.new, *session.dirty, *session.deleted):
        state: InstanceState[Any] = inspect(row)
        table = state.mapper.local_table
        if not isinstance(table, Table) or table.name in SILENT:
            continue
        old, new = _history(state, gone=row in session.deleted)
        if old or new:
            changes.add(_name(table, state.mapper.primary_key_from_instance(row)), old, new)
            changes.people.update(_people(table, state.dict))


def note_statement(session: Session, statement: Update | Delete, changes: Changes) -> None:
    """Note the rows that a statement is about to change, as they are now."""
    table = statement.table
    if not isinstance(table, Table) or table.name in SILENT:
        return
    values = getattr(statement, "_values", None) or {}
    named = {getattr(column, "key", column) for column in values}
    changed = [column for column in table.columns if column.key in named] if values else list(table.columns)
    asked = {column.key: column for column in (*table.primary_key, *_people_columns(table), *changed)}
    rows = session.connection().execute(select(*asked.values()).where(*statement._where_criteria).limit(MOST_ROWS))
    for row in rows.mappings():
        found = {key: row[column] for key, column in asked.items()}
        old = {column.key: _shown(column, found[column.key]) for column in changed}
        name = _name(table, [found[column.key] for column in table.primary_key])
        changes.add(name, old, {})
        changes.people.update(_people(table, found))


def finish(session: Session, changes: Changes, tables: Iterable[Table]) -> None:
    """Look up what rows that statements have changed are now."""
    by_name = {table.name: table for table in tables}
    for name, old in changes.before.items():
        table, _, key = name.partition(" ")
        missing = [column for column in old if column not in changes.after[name]]
        if missing and key.isdigit():
            _look_again(session, by_name[table], int(key), missing, changes.after[name])


def _look_again(session: Session, table: Table, key: int, names: list[str], after: JsonObject) -> None:
    columns = [table.columns[name] for name in names]
    row = session.connection().execute(select(*columns).where(*(column == key for column in table.primary_key)))
    found = row.one_or_none()
    if found is not None:
        after.update({column.key: _shown(column, value) for column, value in zip(columns, found, strict=True)})


def _history(state: InstanceState[Any], *, gone: bool) -> tuple[JsonObject, JsonObject]:
    """Return what has changed in an object: what was, and what is."""
    old: JsonObject = {}
    new: JsonObject = {}
    for attribute in state.mapper.column_attrs:
        column, history = attribute.columns[0], state.attrs[attribute.key].history
        if gone:
            old[column.key] = _shown(column, state.dict.get(attribute.key))
        elif history.has_changes():
            if history.deleted and history.deleted[0] is not None:
                old[column.key] = _shown(column, history.deleted[0])
            elif not state.pending and state.has_identity:
                old[column.key] = None
            new[column.key] = _shown(column, history.added[0] if history.added else None)
    return old, new


def _shown(column: ColumnElement[Any], value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(column.type, _PLAIN):
        return _TEXT
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, bool | int) else str(value)


def _name(table: Table, key: Iterable[Any]) -> str:
    return " ".join([table.name, *map(str, key)])


def _people_columns(table: Table) -> list[Column[Any]]:
    return [table.columns[name] for name in PEOPLE if name in table.columns]


def _people(table: Table, values: Any) -> set[int]:
    named = ("id",) if table.name == "users" else PEOPLE
    return {values[name] for name in named if name in table.columns and values.get(name) is not None}
