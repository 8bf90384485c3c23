"""The JSON API of the cache, for administrators."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response

from accounts.rights import SETTERS, STAFF
from accounts.sign_in.identity import signed_in
from caching import cache, metrics, warming
from caching.operations.health import Checkup, check_up, count_changes_waiting, count_keys
from caching.store import current_store
from errors import Conflict
from jsontext import JsonObject
from operators.cache.schemas import CacheHealthSchema, CacheMetricsSchema, WarmingSchema
from web.answers import json_response
from web.api import ApiBlueprint

blueprint = ApiBlueprint("cache", __name__, url_prefix="/api/cache", description="How the cache is doing")


@blueprint.get("/health")
@signed_in(*STAFF)
@blueprint.response(200, CacheHealthSchema)
@blueprint.doc(operationId="show_cache_health")
def show_health() -> Response:
    """Show how the cache is, which rules call, and how far the warming is."""
    checkup = check_up()
    more = {"changes_waiting": count_changes_waiting(), "alerts": _alerts(checkup), "warming": warming.progress()}
    return json_response(checkup.summary() | more)


@blueprint.get("/metrics")
@signed_in(*STAFF)
@blueprint.response(200, CacheMetricsSchema)
@blueprint.doc(operationId="show_cache_metrics")
def show_metrics() -> Response:
    """Show the numbers of all worker processes together."""
    checkup = check_up()
    answer = {
        "memory_bytes": checkup.redis.memory_bytes,
        "memory_limit_bytes": checkup.redis.memory_limit_bytes,
        "keys": count_keys(current_store()),
        "changes_waiting": count_changes_waiting(),
        "open_breakers": metrics.tally(checkup.samples, "lectern_cache_open_breakers").total(),
        "errors": {of: n for (of,), n in metrics.tally(checkup.samples, "lectern_cache_errors_total").items()},
        "families": _families(checkup),
        "alerts": _alerts(checkup),
    }
    return json_response(answer)


@blueprint.post("/warm")
@signed_in(*SETTERS)
@blueprint.response(202, WarmingSchema)
@blueprint.raises(Conflict)
@blueprint.doc(operationId="warm_cache")
def warm() -> Response:
    """Start warming in the background, unless it is under way.

    `/api/cache/health` shows how far it is.
    """
    store = current_store()
    if store is None or not store.breaker.closed:
        raise Conflict("There is no cache to warm at the moment.")
    return json_response(warming.start(store), 202)


def _alerts(checkup: Checkup) -> list[JsonObject]:
    return [asdict(alert) for alert in checkup.alerts]


def _families(checkup: Checkup) -> list[JsonObject]:
    """Show every declared family, also one that was never read.

    One name may stand for reads with different tags.
    """
    reads = metrics.reads_by_family(checkup.samples)
    invalidations = metrics.tally(checkup.samples, "lectern_cache_invalidations_total")
    inconsistencies = metrics.tally(checkup.samples, "lectern_cache_inconsistencies_total")
    tags = {family.name: set[tuple[str, str]]() for family in cache.families}
    for family in cache.families:
        tags[family.name].add((family.tag.owner_kind, family.tag.name))
    return [
        {
            "family": name,
            "kind": kind,
            **_reads(reads.get(name, metrics.Reads())),
            "invalidations": sum(invalidations[tag] for tag in tags[name]),
            "inconsistencies": inconsistencies[(name,)],
        }
        for name, kind in {family.name: family.kind for family in cache.families}.items()
    ]


def _reads(reads: metrics.Reads) -> JsonObject:
    return {
        "hits": reads.count["hit"],
        "misses": reads.count["miss"],
        "coalesced": reads.count["coalesced"],
        "stale_stamps": reads.count["stale_stamp"],
        "bypasses": reads.count["bypass"],
        "errors": reads.count["error"],
        "hit_rate": reads.hit_rate,
        "mean_hit_ms": reads.mean_ms("hit"),
        "mean_miss_ms": reads.mean_ms("miss", "coalesced"),
    }
