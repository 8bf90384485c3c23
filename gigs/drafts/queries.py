"""The cached read of what was typed and not saved yet."""

from __future__ import annotations

from sqlalchemy import Connection, select

import tags
from caching import cache, invalidation_check
from gigs.drafts.models import Autosave
from gigs.drafts.records import of_gig, show
from jsontext import JsonObject

invalidation_check.watch(Autosave, {tags.user_drafts: ("teacher_id",)})


# Invalidated by: every autosave of the teacher's gigs; saving or discarding one of them.
@cache.stamped("draft-autosave", ttl=1800, tag=tags.user_drafts, by="teacher_id", kind="entity")
def autosave(connection: Connection, teacher_id: int, gig_id: int | None) -> JsonObject | None:
    """Show what was typed last about a gig, or about the teacher's new one."""
    shown = select(Autosave.version, Autosave.fields, Autosave.saved_at)
    row = connection.execute(shown.where(of_gig(teacher_id, gig_id))).one_or_none()
    return show(row.version, row.fields, row.saved_at) if row else None
