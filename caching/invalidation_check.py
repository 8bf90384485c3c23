"""Detect writes that forget to invalidate what they make old.

Beside its queries a feature says which of a table's columns hold the owners of which tags:

    invalidation_check.watch(Booking, {tags.user_bookings: ("student_id", "teacher_id"), tags.all_bookings: ()})

Rows that the ORM writes are compared with what the transaction invalidated, for their old and their new owners. A bulk
statement does not show its rows, so the transaction has to invalidate at least one tag of each kind that its table has;
`unseen_by` names the kinds that a statement leaves alone, and why. A bulk statement without them is always refused. A
forgotten row raises in the test suite; in production it is logged and invalidated here, because a late reader must not
pay for the mistake.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, event, inspect
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, UOWTransaction

from caching.keys import Tag, TagKind
from extensions import Base, db

logger = logging.getLogger(__name__)

# The test suite sets this, so that nothing forgotten gets through.
strict = False

_EXPECTED = "lectern_expected"
_BULK = "lectern_bulk"
_UNSEEN_BY = "lectern_unseen_by"

Owners = Mapping[TagKind, tuple[str, ...]]


class ForgottenInvalidation(RuntimeError):
    """A transaction changed what cached reads show and did not say so."""


@dataclass(frozen=True, slots=True)
class _Watch:
    owners: Owners
    unseen: frozenset[str]
    new_rows: bool


_watched: dict[Table, _Watch] = {}


def watch(model: type[Base], owners: Owners, *, unseen: Iterable[str] = (), new_rows: bool = True) -> None:
    """Watch a table.

    `owners` maps the tags that every change makes old to the columns with their owners' ids.

    Columns that no cached read shows are `unseen`; with `new_rows` False a new row makes nothing old either.
    """
    _watched[_table_of(inspect(model))] = _Watch(owners, frozenset(unseen), new_rows)


def unseen_by(reasons: Mapping[TagKind, str]) -> dict[str, Any]:
    """Return execution options that say what a bulk statement does not change.

    Nothing under these kinds of tags becomes old with it, and the reason is given. The reason why not stands beside
    each.
    """
    return {_UNSEEN_BY: reasons.keys()}


def forget(session: Session) -> None:
    """Forget what a transaction changed, because it has ended."""
    session.info.pop(_EXPECTED, None)
    session.info.pop(_BULK, None)


def missing_tags(session: Session, invalidated: Iterable[Tag]) -> set[Tag]:
    """Return the tags that the transaction should have invalidated and did not.

    Called once, before COMMIT.

    Raises ForgottenInvalidation for a bulk statement, and in the test suite for a row as well.
    """
    invalidated = set(invalidated)
    _require_kinds(session, invalidated)
    missing: set[Tag] = session.info.pop(_EXPECTED, set()) - invalidated
    if missing and strict:
        raise ForgottenInvalidation(f"Rows were changed without invalidating {sorted(tag.key for tag in missing)}.")
    if missing:
        logger.error("Forgotten invalidation of %s; done now.", sorted(tag.key for tag in missing))
    return missing


def _require_kinds(session: Session, invalidated: Iterable[Tag]) -> None:
    """Raise ForgottenInvalidation if a bulk statement needs a kind without a tag."""
    done = {tag.kind for tag in invalidated}
    for table, kinds in session.info.pop(_BULK, {}).items():
        if forgotten := set(kinds) - done:
            names = ", ".join(sorted(f"{kind.owner_kind}:{kind.name}" for kind in forgotten))
            raise ForgottenInvalidation(f"A bulk statement changed {table.name}, and nothing invalidated {names}.")


def _note_rows(session: Session, _context: UOWTransaction) -> None:
    """Collect what the rows of this flush make old.

    After the flush their history would not tell any more what they were.
    """
    changed = [row for row in session.dirty if _changes_something_seen(row)]
    created = [row for row in session.new if (watched := _watch_of(row)) and watched.new_rows]
    for row in [*created, *changed, *session.deleted]:
        if watched := _watch_of(row):
            session.info.setdefault(_EXPECTED, set()).update(_tags_of(row, watched))


def _note_bulk(state: ORMExecuteState) -> None:
    """Take note of an INSERT, UPDATE or DELETE that goes past the unit of work."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    table = getattr(state.statement, "table", None)
    watched = _watched.get(table) if isinstance(table, Table) else None
    if watched is None or (state.is_insert and not watched.new_rows):
        return
    values = getattr(state.statement, "_values", None) or {}
    columns = {getattr(column, "key", column) for column in values}
    if not columns or columns - watched.unseen:
        kinds = watched.owners.keys() - state.execution_options.get(_UNSEEN_BY, ())
        state.session.info.setdefault(_BULK, {}).setdefault(table, set()).update(kinds)


def _table_of(mapper: Mapper[Any]) -> Table:
    table = mapper.local_table
    assert isinstance(table, Table)
    return table


def _watch_of(row: Any) -> _Watch | None:
    return _watched.get(_table_of(inspect(row).mapper))


def _changes_something_seen(row: Any) -> bool:
    watched = _watch_of(row)
    return watched is not None and any(
        attribute.history.has_changes() for attribute in inspect(row).attrs if attribute.key not in watched.unseen
    )


def _tags_of(row: Any, watched: _Watch) -> Iterator[Tag]:
    """Name the tags of a row's old and new owners."""
    for kind, columns in watched.owners.items():
        if not columns:
            yield kind()
        for column in columns:
            history = inspect(row).attrs[column].history
            for owner_id in {*history.added, *history.unchanged, *history.deleted} - {None}:
                yield kind(owner_id)


event.listen(db.session, "after_flush", _note_rows)
event.listen(db.session, "do_orm_execute", _note_bulk)
