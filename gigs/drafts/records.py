"""Find, show and forget what was typed, inside the transactions of its writers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

import tags
from caching import invalidate
from errors import DraftConflict
from gigs.drafts.models import Autosave
from jsontext import JsonObject, loads

# What stands for an autosave where there is none: the first save names version 0.
NOTHING: JsonObject = {"version": 0, "fields": {}, "saved_at": None}


def of_gig(teacher_id: int, gig_id: int | None) -> ColumnElement[bool]:
    """Return the condition for the autosave of a gig, or of a teacher's new one."""
    if gig_id is not None:
        return Autosave.gig_id == gig_id
    return (Autosave.teacher_id == teacher_id) & Autosave.gig_id.is_(None)


def show(version: int, fields: str, saved_at: datetime) -> JsonObject:
    """Show an autosave as the API does."""
    return {"version": version, "fields": loads(fields), "saved_at": saved_at}


def show_row(row: Autosave | None) -> JsonObject:
    """Show a row, or that there is none."""
    return show(row.version, row.fields, row.saved_at) if row else dict(NOTHING)


def locked(session: Session, teacher_id: int, gig_id: int | None) -> Autosave | None:
    """Load an autosave for a change."""
    return session.scalar(select(Autosave).where(of_gig(teacher_id, gig_id)).with_for_update())


def require_version(row: Autosave | None, version: int) -> None:
    """Raise DraftConflict unless `version` is the one that is stored."""
    current = show_row(row)
    if current["version"] != version:
        raise DraftConflict(current)


def forget(session: Session, teacher_id: int, gig_id: int | None, *, version: int | None = None) -> None:
    """Delete what was typed, because it was saved or is not wanted any more.

    With a `version` it has to be that one: what somebody else typed is not deleted unseen. Raises DraftConflict.
    """
    row = locked(session, teacher_id, gig_id)
    if version is not None:
        require_version(row, version)
    if row is not None:
        session.delete(row)
        invalidate(tags.user_drafts(teacher_id))
