"""The write side: `invalidate` names what a change makes old.

The session's events do the rest around its COMMIT.

invalidate(tags)  →  outbox rows  →  marks in Redis  →  COMMIT  →  tokens removed  →  outbox rows deleted

If the tokens could not be removed, the answer waits for the processes that could still believe what is cached, at most
for one lease (`caching/lease.py`). Only the outermost transaction counts. A rolled back one costs at most some misses.
"""

from __future__ import annotations

import functools
import logging
import secrets
from dataclasses import dataclass, replace

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from caching import invalidation_check, outbox
from caching.families import BoundRead
from caching.keys import Tag
from caching.lease import DATABASE_FAILS, boottime, wait_for_others
from caching.reads import LookUp
from caching.store import Store, current_store
from extensions import db

logger = logging.getLogger(__name__)

_TOUCHED = "lectern_touched"
_PENDING = "lectern_pending"
_AHEAD = "lectern_ahead"


@dataclass(frozen=True, slots=True)
class _Pending:
    """What one transaction is about to change, and the mark it has left in Redis."""

    tags: frozenset[Tag]
    mark: str
    store: Store | None
    committed: bool = False


def invalidate(*tags: Tag) -> None:
    """Declare that the running transaction makes these tags' answers old.

    Raises RuntimeError outside a transaction, because then there would be no COMMIT to tie it to.
    """
    session = db.session()
    if not session.in_transaction():
        raise RuntimeError("invalidate() belongs into the transaction of the change.")
    session.info.setdefault(_TOUCHED, set()).update(tags)


def declared_tags() -> frozenset[Tag]:
    """Return the tags whose answers the running transaction makes old, as far as it has said by now."""
    return frozenset(db.session().info.get(_TOUCHED, ()))


def fill_afterwards(*reads: BoundRead) -> None:
    """Load these reads once the running transaction is committed and announced.

    So the first one to ask finds the new answer. Nothing depends on it: it is a read like any other, with the stamp of
    after the change, and if it fails the next reader loads.
    """
    db.session().info.setdefault(_AHEAD, []).extend(reads)


def _before_commit(session: Session) -> None:
    """Write the outbox rows and set the marks.

    A released savepoint also comes by here and is no commit.
    """
    if session.in_nested_transaction():
        return
    session.flush()
    touched = session.info.pop(_TOUCHED, set())
    tags = frozenset(touched | invalidation_check.missing_tags(session, touched))
    store = current_store()
    if not tags:
        return
    mark = secrets.token_hex(12)
    # Also where this process uses no cache: others may.
    outbox.record(session, tags, mark)
    session.info[_PENDING] = _Pending(tags, mark, store)
    if store is not None:
        store.mark(tags, mark)


def _after_commit(session: Session) -> None:
    """Note that the COMMIT was confirmed."""
    pending: _Pending | None = session.info.get(_PENDING)
    if pending is not None:
        session.info[_PENDING] = replace(pending, committed=True)


def _after_transaction_end(session: Session, transaction: SessionTransaction) -> None:
    """Announce the change, whatever became of it.

    A COMMIT that raised may have happened all the same.
    """
    if transaction.parent is not None:
        return
    session.info.pop(_TOUCHED, None)
    invalidation_check.forget(session)
    pending: _Pending | None = session.info.pop(_PENDING, None)
    ahead: list[BoundRead] = session.info.pop(_AHEAD, [])
    if pending is None:
        return
    for tag in pending.tags:
        logger.debug("cache touched tag=%s", tag.key)
    _make_known(pending, boottime())
    if pending.committed and pending.store is not None:
        _fill(ahead, pending.store)


def _make_known(pending: _Pending, ended_at: float) -> None:
    """Announce a change and delete its rows.

    If that fails wait until no process believes anything from before it.
    """
    epoch = pending.store.announce(pending.tags, pending.mark) if pending.store else None
    if not pending.committed:
        # It may take effect only now, after the announcement. Then its rows wait for the next look.
        return
    try:
        if epoch is None or not outbox.discard(pending.mark, epoch):
            announced = wait_for_others(pending.mark, ended_at)
            if announced and pending.store is None:
                _warn_of_others()
    except DATABASE_FAILS:
        # The next process that looks announces them once more, which is harmless.
        logger.warning("Rows stay in the outbox for the next look, because the database does not answer.")


def _fill(reads: list[BoundRead], store: Store) -> None:
    """Load what is asked for next.

    The change has happened and is told to everybody, so nothing that goes wrong here may look like its failure.
    """
    for read in reads:
        try:
            if seen := store.fetch([read]):
                LookUp(read, store, seen[0]).answer()
        except Exception:
            logger.warning("A read could not be filled after a change.", exc_info=True)


@functools.cache
def _warn_of_others() -> None:
    """Say once that the processes of this installation have different settings."""
    logger.warning("This process uses no cache, and others of this installation do: set the same CACHE_TYPE for all.")


event.listen(db.session, "before_commit", _before_commit)
event.listen(db.session, "after_commit", _after_commit)
event.listen(db.session, "after_transaction_end", _after_transaction_end)
