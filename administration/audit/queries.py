"""Read the audit log, the newest entries first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, literal, select, tuple_

from accounts.models import User
from administration.audit.models import AuditEntry, AuditPerson
from database import Instant, reading
from jsontext import JsonObject, loads
from payments.months import beginning_of
from web.pagination import Position, from_microseconds, microseconds, page

# To name the acts that the log can be narrowed to, so many entries are looked at.
_LATELY = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which entries: by whom, of which act, about whom, between which times.

    None means all.
    """

    actor_id: int | None = None
    action: str | None = None
    about: int | None = None
    looked: bool | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 20
    after: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDays:
    """A query from the first to the last of some days, both included.

    None is no end.
    """

    query: AuditQuery
    first: date | None = None
    last: date | None = None

    def at(self, zone: str) -> AuditQuery:
        """Take the days as a time zone has them."""
        start = beginning_of(self.first, zone) if self.first else None
        end = beginning_of(self.last + timedelta(days=1), zone) if self.last else None
        return replace(self.query, start=start, end=end)


def audit_page(query: AuditQuery) -> JsonObject:
    """List what was done and looked at.

    Not cached: every act of an administrator would make it old, and few people read it.
    """
    with reading() as connection:
        rows = connection.execute(_asked(query)).all()
        people = _people(connection, rows)
    return page(
        rows,
        limit=query.limit,
        order="newest",
        position=lambda row: (microseconds(row.at), row.id),
        show=lambda row: _show(row, people[row.id]),
    )


def actions() -> list[str]:
    """Name the acts that were done lately."""
    lately = select(AuditEntry.action).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(_LATELY).subquery()
    with reading() as connection:
        return list(connection.scalars(select(lately.c.action).distinct()))


def _asked(query: AuditQuery) -> Select[Any]:
    entry = AuditEntry
    found = select(*AuditEntry.__table__.columns, User.name.label("actor_name"))
    found = found.outerjoin(User, User.id == entry.actor_id)
    if query.about is not None:
        found = found.join(AuditPerson, AuditPerson.entry_id == entry.id).where(AuditPerson.user_id == query.about)
    equal = {entry.actor_id: query.actor_id, entry.action: query.action, entry.looked: query.looked}
    found = found.where(*(column == value for column, value in equal.items() if value is not None))
    if query.start:
        found = found.where(entry.at >= query.start)
    if query.end:
        found = found.where(entry.at < query.end)
    if query.after:
        time, last_id = query.after
        edge = tuple_(literal(from_microseconds(time), Instant), literal(last_id, BigInteger))
        found = found.where(tuple_(entry.at, entry.id) < edge)
    return found.order_by(entry.at.desc(), entry.id.desc()).limit(query.limit + 1)


def _people(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, list[JsonObject]]:
    """Name whom each of these entries is about."""
    found: dict[int, list[JsonObject]] = defaultdict(list)
    ids: Iterable[int] = [row.id for row in rows]
    asked = select(AuditPerson.entry_id, User.id, User.name).join(User, User.id == AuditPerson.user_id)
    for row in connection.execute(asked.where(AuditPerson.entry_id.in_(ids)).order_by(User.id)):
        found[row.entry_id].append({"id": row.id, "name": row.name})
    return found


def _show(row: Row[Any], people: list[JsonObject]) -> JsonObject:
    return {
        "id": row.id,
        "at": row.at,
        "actor": {"id": row.actor_id, "name": row.actor_name, "role": row.role},
        "action": row.action,
        "looked": row.looked,
        "subject": {"type": row.subject_type, "id": row.subject_id} if row.subject_type else None,
        "people": people,
        "before": loads(row.before),
        "after": loads(row.after),
    }
