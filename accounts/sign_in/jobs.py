"""What is done with sign-ins now and then."""

from __future__ import annotations

from datetime import timedelta

from accounts.sign_in.service import forget_expired
from jobs.registry import Periodic

PERIODIC = (Periodic(name="sign-ins.forget-expired", every=timedelta(hours=1), run=forget_expired),)
