"""Changes of blocks.

Each names the tags it makes old.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

import tags
from caching import invalidate
from database import writing
from errors import Invalid, NotFound, TooManyBlocks
from schedule.models import Block, Stretch
from schedule.service import locked_teacher

# So many at most of the time to come: every search for free times reads them.
MOST_BLOCKS = 1000


def block_time(teacher_id: int, stretch: Stretch, note: str, *, now: datetime) -> int:
    """Take some time out of what a teacher offers, and return the block's id.

    Bookings that exist stay as they are. Raises Forbidden if this is no active teacher, Invalid if the time has passed,
    or TooManyBlocks.
    """
    if stretch.end <= now:
        raise Invalid({"ends_at": ["This time has passed."]})
    with writing() as session:
        locked_teacher(session, teacher_id)
        coming = select(func.count()).select_from(Block).where(Block.teacher_id == teacher_id, Block.ends_at > now)
        if (session.scalar(coming) or 0) >= MOST_BLOCKS:
            raise TooManyBlocks
        block = Block(teacher_id=teacher_id, starts_at=stretch.start, ends_at=stretch.end, note=note)
        session.add(block)
        session.flush()
        invalidate(tags.teacher_slots(teacher_id))
        return block.id


def unblock(teacher_id: int, block_id: int) -> None:
    """Offer a time again.

    Raises Forbidden if this is no active teacher, NotFound.
    """
    with writing() as session:
        locked_teacher(session, teacher_id)
        block = session.scalar(select(Block).where(Block.id == block_id, Block.teacher_id == teacher_id))
        if block is None:
            raise NotFound
        session.delete(block)
        invalidate(tags.teacher_slots(teacher_id))
