"""Give the events of the log their positions, so that a reader who goes on from one misses none.

Transactions commit in another order than that in which they write, so an id may appear after a larger one was read.
A position is given to committed events only, under a lock, and a smaller one than those before never appears.
Two changes of one subject lock it, so the second writes its event after the first has committed: they keep their order.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from database import change_in_bulk, in_batches, writing
from events.log.models import LogEnd, LoggedEvent

BATCH = 500
# A program that was away for longer reads the lists anew.
KEPT_FOR = timedelta(days=30)

_FIRST_END = text("INSERT INTO events_end (id, position) VALUES (1, 0) ON CONFLICT (id) DO NOTHING")
_POSITION = update(LoggedEvent).where(LoggedEvent.id == bindparam("row_id")).values(position=bindparam("given"))


def put_in_order() -> int:
    """Give positions to the events that have none yet, and return how many there were."""
    return in_batches(_put_batch_in_order, size=BATCH)


def tidy_up(now: datetime) -> None:
    """Put events in order, and forget those that are older than 30 days."""
    put_in_order()
    with writing() as session:
        change_in_bulk(session, delete(LoggedEvent).where(LoggedEvent.occurred_at < now - KEPT_FOR))


def _put_batch_in_order(session: Session) -> int:
    session.execute(_FIRST_END)
    # A second process sees, after waiting, the positions that the first has given.
    end = session.execute(select(LogEnd).with_for_update()).scalar_one()
    new = select(LoggedEvent.id).where(LoggedEvent.position.is_(None)).order_by(LoggedEvent.id).limit(BATCH)
    ids = session.scalars(new).all()
    if ids:
        given = [{"row_id": row_id, "given": end.position + count} for count, row_id in enumerate(ids, start=1)]
        session.connection().execute(_POSITION, given)
        end.position += len(ids)
    return len(ids)
