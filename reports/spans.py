"""Stretches of time as a table that statements join.

So one statement counts several periods.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CTE, Integer, column, values

from database import Instant


def spans_of(rows: Iterable[tuple[int, datetime, datetime]]) -> CTE:
    """Make a table of numbered stretches of time: number, beginning, end."""
    return values(column("n", Integer), column("start", Instant), column("end", Instant)).data([*rows]).cte("spans")
