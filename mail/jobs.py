"""What is done about mails now and then."""

from __future__ import annotations

from datetime import timedelta

from jobs.registry import Periodic
from mail.delivery import forget_old_mails

PERIODIC = (Periodic(name="mail.forget-old", every=timedelta(days=1), run=forget_old_mails),)
