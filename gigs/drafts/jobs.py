"""What is tidied up of what was typed."""

from __future__ import annotations

from datetime import timedelta

from gigs.drafts.service import tidy_up
from jobs.registry import Periodic

PERIODIC = (Periodic(name="drafts.tidy-up", every=timedelta(hours=1), run=tidy_up),)
