"""What is done for the cache now and then, once for all machines."""

from __future__ import annotations

from datetime import datetime, timedelta

from redis import RedisError

from caching import outbox
from caching.operations import history, inventory, raised
from caching.operations.health import redis_state
from caching.store import current_store
from database import writing
from jobs.registry import Handler, Periodic
from operators.cache import alerting

MEASURE_MINUTES = 5


def forget_unread_changes(_now: datetime) -> None:
    """Begin a new epoch instead of keeping very many announcements, if no process reads them."""
    outbox.forget_unread()


def measure(now: datetime) -> None:
    """Note what Redis holds by family, and delete what is too old to be shown."""
    history.forget_old(now)
    store = current_store()
    redis = redis_state(store)
    if store is None or redis.memory_bytes is None:
        return
    try:
        families = inventory.by_family(store.backend.client, store.prefix)
    except RedisError:
        # It has failed just now; the next look is in a few minutes.
        return
    history.keep_held(now, redis.memory_bytes, families, step=MEASURE_MINUTES)


def watch(now: datetime) -> None:
    """Ask the alert rules, note which are raised or over, and have that told."""
    found = raised.present(redis_state(current_store()), now)
    with writing() as session:
        for alert in raised.judge(session, found, now):
            alerting.tell(session, alert, now)


HANDLERS = (
    Handler(name=alerting.MAIL, run=alerting.send_mail, attempts=alerting.ATTEMPTS),
    Handler(name=alerting.CALL, run=alerting.call),
)
PERIODIC = (
    Periodic(name="cache.forget-unread", every=timedelta(seconds=30), run=forget_unread_changes),
    Periodic(name="cache.measure", every=timedelta(minutes=MEASURE_MINUTES), run=measure),
    Periodic(name="cache.watch", every=raised.EVERY, run=watch),
)
