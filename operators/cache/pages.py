"""The page on which operators look at the cache, clear it and warm it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, flash, redirect, render_template, request, url_for
from redis import RedisError

from accounts.rights import SETTERS, STAFF
from accounts.sign_in.identity import require_viewer
from caching import cache, maintenance, metrics, warming
from caching.operations import overview, raised
from caching.operations.health import check_up, count_changes_waiting, count_keys
from caching.operations.overview import SPANS, Order
from caching.store import Store, current_store
from operators.cache.schemas import CacheQuery, CacheQuerySchema
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint

pages = PageBlueprint("cache_pages", __name__)

# What is wrong with Redis, as `caching.operations.health` names it, for people.
STATES: Mapping[str, str] = {
    "ok": "Redis answers.",
    "off": "Caching is switched off by a setting. The database answers everything.",
    "auth": "Redis refuses the password, or does not allow what is needed.",
    "timeout": "Redis does not answer in time.",
    "refused": "No Redis answers at its address.",
    "loading": "Redis is still loading its memory from disk.",
    "read-only": "Redis takes no writes.",
    "two-servers": "Two Redis servers answer, and only one can be right.",
    "slot-moving": "What Redis Cluster has of this school is moving to another node.",
    "cluster-down": "No node of Redis Cluster answers for this school.",
    "cluster-node": "REDIS_URL names one node of a Redis Cluster as if it were all of it.",
    "down": "Redis does not work.",
}


@pages.get("/admin/cache")
def show() -> str:
    """Show how the cache is doing."""
    require_viewer(*STAFF)
    query: CacheQuery = from_address(CacheQuerySchema(), "span", "order")
    checkup, present = check_up(), now()
    inconsistencies = metrics.tally(checkup.samples, "lectern_cache_inconsistencies_total")
    store = current_store()
    return render_template(
        "operators/cache.html",
        checkup=checkup,
        says=STATES.get(checkup.redis.status, STATES["down"]),
        waiting=count_changes_waiting(),
        keys=count_keys(store),
        avoiding=metrics.tally(checkup.samples, "lectern_cache_open_breakers").total(),
        wrong=inconsistencies.total(),
        seen=overview.look(SPANS[query.span], query.order, present, inconsistencies),
        alerts=raised.present(checkup.redis, present),
        standings=raised.standings(),
        raised_after=raised.RAISED_AFTER,
        warming=warming.progress() if store else None,
        families=sorted({family.name for family in cache.families}),
        query=query,
        spans=SPANS,
        orders=Order,
    )


@pages.form("/admin/cache/clear", of="cache_pages.show")
def clear() -> Page:
    """Forget cached answers, those of one family or all."""
    require_viewer(*SETTERS)
    store, family = current_store(), request.form.get("family", "")
    kinds = [read.tag for read in cache.families if read.name == family]
    if family and not kinds:
        flash("There is no such family any more. Nothing was cleared.", "error")
    elif store is None or not store.breaker.closed:
        flash("Redis does not answer, so there is nothing to clear.", "error")
    else:
        _clear(store, family)
    return redirect(url_for(".show"))


@pages.form("/admin/cache/warm", of="cache_pages.show")
def warm() -> Page:
    """Begin to read what people will ask for first."""
    require_viewer(*SETTERS)
    store = current_store()
    if store is None or not store.breaker.closed:
        flash("Redis does not answer, so there is nothing to warm.", "error")
    else:
        warming.start(store)
        flash("The cache is being warmed. How far it is stands below.")
    return redirect(url_for(".show"))


def _clear(store: Store, family: str) -> None:
    client, prefix = store.backend.client, store.prefix
    try:
        if family:
            kinds = [read.tag for read in cache.families if read.name == family]
            _, answers = maintenance.clear_family(client, prefix, family, kinds)
        else:
            _, answers = maintenance.clear_all(client, prefix)
    except RedisError:
        current_app.logger.warning("The cache could not be cleared.", exc_info=True)
        flash("Redis failed before everything was cleared. Please try again.", "error")
    else:
        flash(f"{answers:,} answers are forgotten. The next readers ask the database.")
