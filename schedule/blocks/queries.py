"""Reads of blocks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

import tags
from caching import cache, invalidation_check
from database import reading
from errors import NotFound
from jsontext import JsonObject
from schedule.models import Block, Stretch

invalidation_check.watch(Block, {tags.teacher_slots: ("teacher_id",)})


# Invalidated by: a new block of the teacher, and one that is taken away.
@cache.stamped("blocks", tag=tags.teacher_slots, by="teacher_id")
def blocks_in(connection: Connection, teacher_id: int, stretch: Stretch) -> JsonObject:
    """List a teacher's blocks that have a part in a stretch of time, in order."""
    within = (Block.teacher_id == teacher_id, Block.ends_at > stretch.start, Block.starts_at < stretch.end)
    rows = connection.execute(select(*_COLUMNS).where(*within).order_by(Block.starts_at, Block.id))
    return {"data": [_show(row) for row in rows], "next_cursor": None}


def block(teacher_id: int, block_id: int) -> JsonObject:
    """Describe one of a teacher's blocks.

    Raises NotFound.
    """
    with reading() as connection:
        theirs = (Block.id == block_id, Block.teacher_id == teacher_id)
        row = connection.execute(select(*_COLUMNS).where(*theirs)).one_or_none()
    if row is None:
        raise NotFound
    return _show(row)


_COLUMNS: list[Any] = [Block.id, Block.starts_at, Block.ends_at, Block.note]


def _show(row: Row[Any]) -> JsonObject:
    return dict(row._mapping)
