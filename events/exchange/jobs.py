"""When events are published."""

from __future__ import annotations

from datetime import timedelta

from events.exchange.publishing import is_to_be_published, publish
from jobs.registry import Periodic

PERIODIC = (Periodic(name="events.publish", every=timedelta(minutes=1), run=publish, when=is_to_be_published),)
