"""What is done with notifications now and then."""

from __future__ import annotations

from datetime import timedelta

from jobs.registry import Periodic
from notifications import service

PERIODIC = (Periodic(name="notifications.forget-old", every=timedelta(days=1), run=service.forget_old),)
