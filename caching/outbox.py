"""The outbox: changes that were committed but perhaps not announced to Redis yet.

The rows are written in the transaction of the change itself, so an announcement cannot get lost: whoever finds a row,
in any process, announces it and deletes it. Announcing twice is harmless, and their order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sqlalchemy import String, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from caching.keys import Tag
from database import Id, Instant, reading
from extensions import Base, db

BATCH = 500


class OutboxRow(Base):
    """A tag whose token has to be removed, and the mark that its writer may have left on it."""

    __tablename__ = "cache_outbox"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(40))
    mark: Mapped[str] = mapped_column(String(40), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


def record(session: Session, tags: Iterable[Tag], mark: str) -> None:
    """Write one row for each tag into the session's transaction."""
    now = datetime.now(UTC)
    session.execute(
        insert(OutboxRow), [{"owner": tag.owner, "name": tag.name, "mark": mark, "created_at": now} for tag in tags]
    )


def discard(mark: str) -> None:
    """Delete the rows of one writer whose announcements Redis has confirmed."""
    with db.engine.begin() as connection:
        connection.execute(delete(OutboxRow).where(OutboxRow.mark == mark))


def depth() -> int:
    """Count the announcements that are waiting."""
    with reading() as connection:
        return connection.execute(select(func.count()).select_from(OutboxRow)).scalar_one()


def drain(announce: Callable[[list[tuple[Tag, str]]], None]) -> int:
    """Announce every waiting row and delete exactly those; return their number.

    What `announce` raises is passed on, and the rows stay. Two processes that drain at once share the work.
    """
    drained = 0
    while depth():
        batch = _drain_batch(announce)
        if not batch:
            break
        drained += batch
    return drained


def _drain_batch(announce: Callable[[list[tuple[Tag, str]]], None]) -> int:
    # Ids are no watermark: they become visible out of order, so each round looks at all that is left. Rows that another
    # process is announcing at this moment are left to it.
    columns = select(OutboxRow.id, OutboxRow.owner, OutboxRow.name, OutboxRow.mark)
    waiting = columns.order_by(OutboxRow.id).limit(BATCH).with_for_update(skip_locked=True)
    with db.engine.begin() as connection:
        rows = connection.execute(waiting).all()
        if rows:
            announce([(Tag(row.owner, row.name), row.mark) for row in rows])
            connection.execute(delete(OutboxRow).where(OutboxRow.id.in_([row.id for row in rows])))
    return len(rows)
