"""Write the audit log: in the transaction of the change, and at this one place.

No service writes an entry itself. What a transaction changes is collected while somebody who runs the school acts, and
just before its COMMIT one entry is made of it. So nothing that they do can go by, and what is rolled back was not done.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table, event, insert, literal, select
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction
from sqlalchemy.sql.dml import Delete, Insert, Update

from accounts.dependents import taken_over
from accounts.models import User
from administration.audit.acts import Act, present_act
from administration.audit.changes import SILENT, Changes, finish, note_flushed, note_statement
from administration.audit.models import AuditEntry, AuditPerson
from database import writing
from extensions import Base, db
from jsontext import dumps
from web.clock import now

_CHANGES = "lectern_audit_changes"
# Says of the transaction that is under way that its entry is written already.
_DONE = "lectern_audit_done"


def record(act: Act, *, at: datetime, looked: bool = False, about: int | None = None) -> None:
    """Write down an act that has changed no row, or a look at something private."""
    with writing() as session:
        changes = Changes()
        if about is not None:
            changes.people.add(about)
        session.info[_DONE] = True
        _write(session, act, changes, at=at, looked=looked)


def _changes_of(session: Session) -> Changes:
    changes: Changes = session.info.setdefault(_CHANGES, Changes())
    return changes


def _after_flush(session: Session, _context: UOWTransaction) -> None:
    if present_act():
        note_flushed(session, _changes_of(session))


def _before_statement(state: ORMExecuteState) -> None:
    statement = state.statement
    if not isinstance(statement, Update | Delete | Insert) or not present_act():
        return
    if isinstance(statement, Insert):
        table = statement.table
        if isinstance(table, Table) and table.name not in SILENT:
            _changes_of(state.session).add(f"{table.name} new", {}, {})
        return
    # What was added a moment ago has to be there to be found.
    state.session.flush()
    note_statement(state.session, statement, _changes_of(state.session))


def _before_commit(session: Session) -> None:
    if session.in_nested_transaction() or session.info.get(_DONE):
        return
    act = present_act()
    if act is None:
        return
    session.flush()
    changes: Changes | None = session.info.pop(_CHANGES, None)
    if changes is None or not changes.before:
        return
    finish(session, changes, Base.metadata.tables.values())
    _write(session, act, changes, at=now())


def _write(session: Session, act: Act, changes: Changes, *, at: datetime, looked: bool = False) -> None:
    kind, number = act.subject or (None, None)
    values = {
        "at": at,
        "actor_id": act.actor_id,
        "role": act.role,
        "action": act.action,
        "looked": looked,
        "subject_type": kind,
        "subject_id": number,
        "before": dumps({name: old for name, old in changes.before.items() if old}).decode(),
        "after": dumps(changes.after).decode(),
    }
    connection = session.connection()
    entry_id = connection.execute(insert(AuditEntry).values(values).returning(AuditEntry.id)).scalar_one()
    people = changes.people - {act.actor_id}
    if people:
        known = select(literal(entry_id), User.id).where(User.id.in_(people))
        connection.execute(insert(AuditPerson).from_select(["entry_id", "user_id"], known))
    act.written()


def hand_over(session: Session, stand_in_id: int, account_id: int) -> None:
    """Let entries about a stand-in be about the account that takes its place, too."""
    known = select(AuditPerson.entry_id).where(AuditPerson.user_id == account_id)
    theirs = select(AuditPerson.entry_id, literal(account_id)).where(
        AuditPerson.user_id == stand_in_id, AuditPerson.entry_id.not_in(known)
    )
    session.execute(insert(AuditPerson).from_select(["entry_id", "user_id"], theirs))


def _after_transaction_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_CHANGES, None)
        session.info.pop(_DONE, None)


taken_over.append(hand_over)
event.listen(db.session, "after_flush", _after_flush)
event.listen(db.session, "do_orm_execute", _before_statement)
event.listen(db.session, "before_commit", _before_commit)
event.listen(db.session, "after_transaction_end", _after_transaction_end)
