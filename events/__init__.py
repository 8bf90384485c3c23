"""What happened, said in the transaction of a change for features that the changed one must not know."""

from __future__ import annotations

from events.recording import Event, Listener, listen, record, unheard
from events.types import EventType

__all__ = ["Event", "EventType", "Listener", "listen", "record", "unheard"]
