"""How a teacher's approval changes, as one table.

nothing, declined or ended → asked, by the teacher. The school approves whom it likes, declines those who ask, and ends
an approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from accounts.teaching.models import TeachingStatus
from events import EventType

_S = TeachingStatus

# From which statuses (None: nothing was asked yet) one comes to each.
SOURCES: Mapping[TeachingStatus, tuple[TeachingStatus | None, ...]] = MappingProxyType(
    {
        _S.ASKED: (None, _S.DECLINED, _S.ENDED),
        _S.APPROVED: (None, _S.ASKED, _S.DECLINED, _S.ENDED),
        _S.DECLINED: (_S.ASKED,),
        _S.ENDED: (_S.APPROVED,),
    }
)
# What the school decides. The others are the teacher's.
DECISIONS = (_S.APPROVED, _S.DECLINED, _S.ENDED)
# These the school explains.
EXPLAINED = (_S.DECLINED, _S.ENDED)

EVENTS: Mapping[TeachingStatus, EventType] = MappingProxyType(
    {
        _S.ASKED: EventType.TEACHING_ASKED,
        _S.APPROVED: EventType.TEACHING_APPROVED,
        _S.DECLINED: EventType.TEACHING_DECLINED,
        _S.ENDED: EventType.TEACHING_ENDED,
    }
)


def may_ask(status: str | None) -> bool:
    """Tell whether a teacher can ask the school now."""
    return status in SOURCES[_S.ASKED]


def decisions(status: str | None) -> list[str]:
    """List what the school can decide about a teacher now."""
    return [str(decision) for decision in DECISIONS if status in SOURCES[decision]]
