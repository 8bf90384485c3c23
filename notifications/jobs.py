"""What is done with notifications now and then, and which handlers do their jobs."""

from __future__ import annotations

from datetime import timedelta

from jobs.registry import Handler, Periodic
from notifications import digests, service

HANDLERS = (Handler(name=digests.SEND, run=digests.send_digest, attempts=20),)
PERIODIC = (
    Periodic(name="notifications.digests", every=timedelta(minutes=5), run=digests.send_due),
    Periodic(name="notifications.forget-old", every=timedelta(days=1), run=service.forget_old),
)
