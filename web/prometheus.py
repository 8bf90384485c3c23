"""`GET /metrics`: what Prometheus collects, of all worker processes together.

The counter of requests stands here, too.
"""

from __future__ import annotations

import functools
import hmac
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from caching.metrics import registry
from caching.operations.health import check_up, count_changes_waiting, count_keys
from caching.store import current_store
from config import Settings, is_loopback
from errors import Forbidden, Unavailable
from jobs import inspection
from jobs.models import JobState
from observations import Counted


class SummedHistogram(Histogram):
    """A histogram that takes many observations at once."""

    def observe_all(self, amounts: Sequence[float]) -> None:
        """Do what `observe` does, for each of `amounts`, with one change per number."""
        self._sum.inc(sum(amounts))
        for bucket, number in Counter(bisect_left(self._upper_bounds, amount) for amount in amounts).items():
            self._buckets[bucket].inc(number)


REQUESTS = SummedHistogram(
    "lectern_http_request_seconds",
    "Time to answer, by endpoint and class of status.",
    ["endpoint", "status"],
    buckets=(0.005, 0.025, 0.1, 0.5, 2.5),
)

# What Prometheus, command line tools and browsers send; browsers add some that begin with "sec-".
_SENT_BY_CLIENTS = frozenset(
    (
        *("accept", "accept-encoding", "accept-language", "authorization", "cache-control", "connection", "cookie"),
        *("dnt", "host", "if-modified-since", "if-none-match", "pragma", "priority", "referer"),
        *("upgrade-insecure-requests", "user-agent", "x-prometheus-scrape-timeout-seconds"),
    )
)

blueprint = Blueprint("prometheus", __name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Keep who may read the numbers of `app`."""
    app.config["METRICS_TOKEN"] = settings.metrics_token
    app.config["METRICS_WITHOUT_TOKEN"] = not settings.trusted_proxies


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show all numbers to this machine and to those who have the token."""
    if not (_has_token() or _comes_from_this_machine()):
        raise Forbidden("Metrics are for this machine, or for those who send METRICS_TOKEN as a bearer token.")
    counted = generate_latest(registry(Path(current_app.instance_path)))
    measured = CollectorRegistry()
    measured.register(_Now())
    return Response(counted + generate_latest(measured), content_type=CONTENT_TYPE_LATEST)


class _Now(Collector):
    """What is not counted but measured at the moment.

    Unknown values are left out.
    """

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Measure."""
        checkup = check_up()
        redis = checkup.redis
        values: dict[str, tuple[str, Any]] = {
            "redis_up": ("Whether Redis answers this process.", redis.works),
            "redis_latency_seconds": ("Time for a PING.", redis.latency_ms and redis.latency_ms / 1000),
            "memory_bytes": ("Memory that Redis uses.", redis.memory_bytes),
            "memory_limit_bytes": ("Memory that Redis may use; 0 is unbounded.", redis.memory_limit_bytes),
            "keys": ("Keys in Redis, other programs' included.", count_keys(current_store())),
            "outbox_depth": ("Changes that Redis has not been told of.", count_changes_waiting()),
        }
        for name, (says, value) in values.items():
            if value is not None:
                yield GaugeMetricFamily(f"lectern_cache_{name}", says, value)
        alerts = GaugeMetricFamily("lectern_cache_alert", "Whether a rule's threshold is passed.", labels=["alert"])
        for alert in checkup.alerts:
            alerts.add_metric([alert.name], alert.firing)
        yield alerts
        yield from _jobs()


def _jobs() -> Iterator[GaugeMetricFamily]:
    """Measure what waits to be run."""
    try:
        queue = inspection.look()
    except Unavailable:
        return
    depth = GaugeMetricFamily("lectern_jobs", "Jobs by their state.", labels=["state"])
    for state in JobState:
        depth.add_metric([state], queue.depth[state])
    yield depth
    oldest = "For how long the job has been due that has been so longest."
    yield GaugeMetricFamily("lectern_jobs_oldest_due_seconds", oldest, queue.oldest_due.total_seconds())
    yield GaugeMetricFamily("lectern_jobs_late", "Whether no runner does the periodic work.", queue.is_late)


def _has_token() -> bool:
    token = current_app.config["METRICS_TOKEN"]
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


def _comes_from_this_machine() -> bool:
    """Tell whether the request began on this machine.

    Where there are proxies that is not to be known.

    A proxy beside us that nobody has told us of makes every request look like that, so one that has any header which
    a program or a browser does not send by itself does not count.
    """
    if not current_app.config["METRICS_WITHOUT_TOKEN"] or not is_loopback(request.remote_addr or ""):
        return False
    names = (name.lower() for name, _ in request.headers)
    return all(name in _SENT_BY_CLIENTS or name.startswith("sec-") for name in names)


@functools.cache
def requests_counter(endpoint: str, status: int) -> Counted:
    """Return what counts requests, given the seconds that each of them took.

    It is what `observations.note` takes.
    """
    return REQUESTS.labels(endpoint, f"{status // 100}xx").observe_all
