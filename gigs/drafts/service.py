"""Keep what teachers type while they type it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from caching import invalidate
from database import in_batches, insert_into, writing
from errors import DraftConflict, Invalid
from gigs import service as gigs
from gigs.drafts import records
from gigs.drafts.models import TYPED, Autosave
from jsontext import JsonObject, dumps

LARGEST = 64 * 1024
# It may be offered for much longer than it is likely to be wanted.
KEPT_FOR = timedelta(days=30)
# So many are deleted in one transaction.
BATCH = 500


def save(gig_id: int | None, fields: Mapping[str, Any], *, instead_of: int, actor: Actor, now: datetime) -> JsonObject:
    """Keep what was typed about a gig, or about a new one, and show it.

    It takes the place of version `instead_of`, which is 0 where there is none. Raises DraftConflict if that is not the
    present one, and Invalid, NotFound, Forbidden or WrongState.
    """
    text = _encoded(fields)
    with writing() as session:
        teacher_id = _teacher_of(session, gig_id, actor)
        row = records.locked(session, teacher_id, gig_id)
        records.require_version(row, instead_of)
        if row is None:
            row = _begin(session, teacher_id, gig_id, text, now)
        else:
            row.version, row.fields, row.saved_at = instead_of + 1, text, now
        invalidate(tags.user_drafts(teacher_id))
        return records.show_row(row)


def discard(gig_id: int | None, *, actor: Actor, version: int | None = None) -> None:
    """Forget what was typed and not saved, if there is any.

    With a `version` only that one. Raises DraftConflict, NotFound, Forbidden or WrongState.
    """
    with writing() as session:
        teacher_id = _teacher_of(session, gig_id, actor)
        records.forget(session, teacher_id, gig_id, version=version)


def tidy_up(now: datetime) -> None:
    """Delete what nobody has come back to for 30 days."""
    in_batches(partial(_tidy_batch, before=now - KEPT_FOR), size=BATCH)


def _tidy_batch(session: Session, *, before: datetime) -> int:
    old = select(Autosave).where(Autosave.saved_at < before).order_by(Autosave.saved_at).limit(BATCH)
    rows = session.scalars(old.with_for_update(skip_locked=True)).all()
    for row in rows:
        session.delete(row)
        invalidate(tags.user_drafts(row.teacher_id))
    return len(rows)


def _encoded(fields: Mapping[str, Any]) -> str:
    """Encode what was typed.

    It need not make sense, but it has to be fields of a gig and must not be large.
    """
    if unknown := fields.keys() - set(TYPED):
        raise Invalid({"fields": {name: ["Unknown field."] for name in sorted(unknown)}})
    try:
        text = dumps(fields)
    except TypeError:
        # What is nested so deeply that it cannot be written again.
        raise Invalid({"fields": ["This cannot be stored."]}) from None
    if len(text) > LARGEST:
        raise Invalid({"fields": ["Use at most 64 KB."]})
    return text.decode()


def _teacher_of(session: Session, gig_id: int | None, actor: Actor) -> int:
    """Return whose gig this is, or is going to be, after checking that `actor` may change it."""
    if gig_id is None:
        gigs.require_teacher(session, actor.id)
        return actor.id
    gig, manager = gigs.managed(session, gig_id, actor)
    gigs.require_open(gig, manager)
    return gig.teacher_id


def _begin(session: Session, teacher_id: int, gig_id: int | None, text: str, now: datetime) -> Autosave:
    """Store the first version.

    Of two that come first at the same time one is told of the other. Raises DraftConflict.
    """
    given = {"teacher_id": teacher_id, "gig_id": gig_id, "version": 1, "fields": text, "saved_at": now}
    statement = insert_into(Autosave, session.get_bind().dialect.name).values(**given).on_conflict_do_nothing()
    stored = session.execute(statement.returning(Autosave.id)).scalar()
    row = records.locked(session, teacher_id, gig_id)
    if stored is None or row is None:
        raise DraftConflict(records.show_row(row))
    return row
