"""What is done now and then for a cache that no process reads."""

from __future__ import annotations

from datetime import datetime, timedelta

from caching import outbox
from jobs.registry import Periodic


def forget_unread_changes(_now: datetime) -> None:
    """Begin a new epoch instead of keeping very many announcements, if no process reads them."""
    outbox.forget_unread()


PERIODIC = (Periodic(name="cache.forget-unread", every=timedelta(seconds=30), run=forget_unread_changes),)
