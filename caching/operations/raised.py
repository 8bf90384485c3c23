"""Which alerts are raised.

A rule has to call several times in a row, and to be silent as often before the alert is over.

The state stands in the database, so that several machines raise an alert once, and a restart forgets none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Float, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from caching.operations import history
from caching.operations.alerts import NOTE_SECONDS, NOTES, Alert, Snapshot, evaluate, kinds
from caching.operations.health import RedisState
from caching.operations.history import Counts
from database import Instant, insert_into, reading
from extensions import Base

# How often the rules are asked, and how often in a row they have to say the same.
EVERY = timedelta(minutes=1)
RAISED_AFTER = CLEARED_AFTER = 3
WINDOW = timedelta(seconds=NOTES * NOTE_SECONDS)


class RaisedAlert(Base):
    """How a rule stands."""

    __tablename__ = "cache_alerts"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    raised: Mapped[bool] = mapped_column(default=False)
    # How often in a row the rule has said the opposite of `raised`.
    streak: Mapped[int] = mapped_column(Integer, default=0)
    value: Mapped[float | None] = mapped_column(Float)
    judged_at: Mapped[datetime] = mapped_column(Instant)
    # When it was raised or cleared last.
    changed_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an alert is raised, and since when it is so."""

    raised: bool
    streak: int
    changed_at: datetime | None


def present(redis: RedisState, now: datetime) -> list[Alert]:
    """Ask every rule about all machines: about the last minutes, and the hour that they belong to.

    Raises Unavailable.
    """
    moments = history.moments(history.HOUR, now)
    recent = [moment.counts for moment in moments if moment.at > now - WINDOW]
    run = sum((moment.counts for moment in moments), start=Counts()).reads
    window = sum(recent, start=Counts()).reads
    return evaluate(Snapshot(run, window, kinds(), redis.memory_share, not redis.works))


def judge(session: Session, alerts: Iterable[Alert], now: datetime) -> list[Alert]:
    """Note what the rules say now, and return those that are raised or cleared by it.

    A second look within half a minute does not count, so a repetition does no harm.
    """
    changed = []
    for alert in alerts:
        row = _locked(session, alert.name, now)
        if row.judged_at > now - EVERY / 2:
            continue
        row.judged_at, row.value = now, alert.value
        # Where there is too little to judge by, all stays as it is.
        row.streak = row.streak + 1 if alert.value is not None and alert.firing != row.raised else 0
        if row.streak >= (CLEARED_AFTER if row.raised else RAISED_AFTER):
            row.raised, row.streak, row.changed_at = alert.firing, 0, now
            changed.append(alert)
    return changed


def standings() -> dict[str, Standing]:
    """Return how the alerts stand that were judged before, by name.

    Raises Unavailable.
    """
    with reading() as connection:
        rows: Sequence[tuple[str, bool, int, datetime | None]] = connection.execute(
            select(RaisedAlert.name, RaisedAlert.raised, RaisedAlert.streak, RaisedAlert.changed_at)
        ).all()
    return {name: Standing(raised, streak, changed_at) for name, raised, streak, changed_at in rows}


def _locked(session: Session, name: str, now: datetime) -> RaisedAlert:
    never = {"name": name, "raised": False, "streak": 0, "judged_at": now - EVERY}
    session.execute(insert_into(RaisedAlert, session.get_bind().dialect.name).on_conflict_do_nothing(), [never])
    return session.scalars(select(RaisedAlert).where(RaisedAlert.name == name).with_for_update()).one()
