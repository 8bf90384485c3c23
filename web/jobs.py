"""What is tidied up now and then of what requests leave."""

from __future__ import annotations

from datetime import timedelta

from jobs.registry import Periodic
from web.attempts import forget_old_attempts
from web.idempotency import forget_old_answers

PERIODIC = (
    Periodic(name="web.forget-answers", every=timedelta(hours=1), run=forget_old_answers),
    Periodic(name="web.forget-attempts", every=timedelta(hours=1), run=forget_old_attempts),
)
