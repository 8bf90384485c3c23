"""What is tidied up of views."""

from __future__ import annotations

from datetime import timedelta

from gigs.traces.service import tidy_up
from jobs.registry import Periodic

PERIODIC = (Periodic(name="views.tidy-up", every=timedelta(hours=1), run=tidy_up),)
