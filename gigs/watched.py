"""What open pages of a gig watch, whoever looks at them.

It is what others change there: the gig itself, and the times and places of its lessons.
"""

from __future__ import annotations

import tags
from caching import Tag


def of_gig(gig_id: int) -> list[Tag]:
    """Name the tags of a gig whose change its pages show to everybody."""
    return [tags.gig(gig_id), tags.gig_sessions(gig_id)]


def of_its_teacher(teacher_id: int) -> Tag:
    """Name the one of its teacher, which is looked at after them: whose gig it is has to be read first."""
    return tags.teacher_slots(teacher_id)
