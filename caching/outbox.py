"""The outbox: changes that were committed but perhaps not announced to Redis yet.

The rows are written in the transaction of the change itself, so an announcement cannot get lost: any process that finds
a row announces it and deletes it. Announcing twice is harmless, and the order does not matter.

A row is deleted only if the epoch is still that of the server which was told. After a failover the server that readers
believe is another one, and it has to be told as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, String, delete, exists, func, insert, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from caching import state
from caching.keys import Tag
from caching.state import CacheState, State, Status
from database import Id, Instant, reading
from extensions import Base, db

BATCH = 500
# So many rows are announced one by one. If no process believes the cache, a new epoch does for more of them.
MOST_KEPT_UNREAD = 10_000


class OutboxRow(Base):
    """A tag whose token, or a writer's mark on it, has to be removed."""

    __tablename__ = "cache_outbox"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(40))
    mark: Mapped[str] = mapped_column(String(40), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Waiting(NamedTuple):
    """An announcement that waits."""

    id: int
    tag: Tag
    mark: str


def record(session: Session, tags: Iterable[Tag], mark: str) -> None:
    """Write one row for each tag into the session's transaction."""
    now = datetime.now(UTC)
    session.execute(
        insert(OutboxRow), [{"owner": tag.owner, "name": tag.name, "mark": mark, "created_at": now} for tag in tags]
    )


def discard(mark: str, epoch: str) -> bool:
    """Delete the rows of one writer whose announcements were confirmed in `epoch`.

    Tell whether none is left.

    While the epoch settles they stay: a process may still believe the server before, which was not told.
    """
    settled = exists().where(CacheState.epoch == epoch, CacheState.status != Status.SETTLING)
    with db.engine.begin() as connection:
        connection.execute(delete(OutboxRow).where(OutboxRow.mark == mark, settled))
        return not _left(connection, mark)


def look() -> tuple[State, list[Waiting]]:
    """Read the state, and the oldest announcements that wait.

    Both come from one snapshot, and they are at most BATCH.
    """
    columns = (OutboxRow.id, OutboxRow.owner, OutboxRow.name, OutboxRow.mark)
    statement = select(*state.COLUMNS, *columns).select_from(CacheState).outerjoin(OutboxRow, true())
    with reading() as connection:
        rows = connection.execute(statement.order_by(OutboxRow.id).limit(BATCH)).all()
    if not rows:
        return state.make(), []
    seen = State(*rows[0][: len(state.COLUMNS)])
    return seen, [Waiting(row.id, Tag.stored(row.owner, row.name), row.mark) for row in rows if row.id is not None]


def settle(waiting: Sequence[Waiting], seen: State) -> bool:
    """Delete announced rows if the state is still the one `seen` with them.

    Tell whether it is.

    The state is locked, because a process that sets it to idle has looked at these rows before. By now it may be in use
    again, in the same epoch; but a writer that found it idle in between has not waited for this process.
    """
    with db.engine.begin() as connection:
        if _locked(connection) != seen:
            return False
        connection.execute(delete(OutboxRow).where(OutboxRow.id.in_([row.id for row in waiting])))
    return True


def is_awaited(mark: str) -> bool:
    """Tell whether rows wait for a process that may believe what was before them."""
    with reading() as connection:
        status = connection.execute(select(CacheState.status)).scalar_one_or_none()
        return status not in (None, Status.IDLE) and _left(connection, mark)


def waits(mark: str) -> bool:
    """Tell whether a writer's rows still wait."""
    with reading() as connection:
        return _left(connection, mark)


def give_up_on(mark: str) -> bool:
    """Note that no process believes the cache, if these rows still wait.

    All leases have run out by now. Returns whether they waited.
    """
    with db.engine.begin() as connection:
        _locked(connection)
        left = _left(connection, mark)
        if left:
            connection.execute(state.changed(status=Status.IDLE))
    return left


def forget_unread(most: int = MOST_KEPT_UNREAD) -> int:
    """Begin a new epoch instead of keeping too many rows that no process reads.

    Returns how many are deleted; there may be `most`.
    """
    with db.engine.begin() as connection:
        found = _locked(connection)
        number = connection.execute(select(func.count()).select_from(OutboxRow)).scalar_one()
        if found is None or found.status != Status.IDLE or number <= most:
            return 0
        connection.execute(state.changed(epoch=state.new_epoch()))
        connection.execute(delete(OutboxRow))
    return number


def depth() -> int:
    """Count the announcements that wait."""
    with reading() as connection:
        return connection.execute(select(func.count()).select_from(OutboxRow)).scalar_one()


def _left(connection: Connection, mark: str) -> bool:
    return bool(connection.execute(select(exists().where(OutboxRow.mark == mark))).scalar_one())


def _locked(connection: Connection) -> State | None:
    """Read the state, and keep others from changing it until the transaction ends."""
    row = connection.execute(select(*state.COLUMNS).with_for_update()).one_or_none()
    return State(*row) if row else None
