"""`flask cache …`: look at the cache of the running server, clear it, warm it."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup
from redis import RedisError

from caching import cache, maintenance, metrics, outbox, warming
from caching.families import Family
from caching.operations import doctor, health
from caching.store import Store, current_store
from web.commands import DatabaseCommand

group = AppGroup("cache", help="Look at the cache, clear it and keep it well.")

_UNKNOWN = "–"


@group.command("clear")
@click.option("--user", type=click.IntRange(1, 2**63 - 1), help="Only what belongs to the user with this id.")
@click.option("--family", help="Only this family; `flask cache families` lists them.")
@click.option("--all", "everything", is_flag=True, help="Everything, which is what happens without an option, too.")
def clear(user: int | None, family: str | None, everything: bool) -> None:
    """Forget cached answers.

    The next reader asks the database. Other programs' keys are not touched.
    """
    if sum([user is not None, family is not None, everything]) > 1:
        raise click.UsageError("Give only one of --user, --family and --all.")
    store = _store()
    client, prefix = store.backend.client, store.prefix
    try:
        if user is not None:
            tags, answers = maintenance.clear_user(client, prefix, user)
        elif family is not None:
            tags, answers = maintenance.clear_family(client, prefix, family, [read.tag for read in _declared(family)])
        else:
            tags, answers = maintenance.clear_all(client, prefix)
    except RedisError as error:
        _unreachable(error)
    click.echo(f"Forgot {answers} answers and {tags} tags.")


@group.command("families")
def families() -> None:
    """List what is cached: family, life time in seconds, tag, and query."""
    rows = [
        (family.name, str(family.ttl or current_app.config["CACHE_DEFAULT_TIMEOUT"]), tag_pattern, family.query)
        for family in cache.families
        for tag_pattern in [f"{family.tag.owner_kind}{':' + family.by if family.by else ''} {family.tag.name}"]
    ]
    _table(("family", "TTL s", "tag", "query"), rows)


@group.command("stats", cls=DatabaseCommand)
def stats() -> None:
    """Show by family how reads were answered since the server's start.

    Below it stands what Redis holds.
    """
    store = _store()
    client = store.backend.client
    try:
        answers = maintenance.count_answers(client, store.prefix)
        memory = client.info("memory")
    except RedisError as error:
        _unreachable(error)
    checkup = health.check_up()
    reads = metrics.reads_by_family(checkup.samples)
    names = sorted({family.name for family in cache.families} | set(reads))
    rows = [_stats_row(reads.get(name, metrics.Reads()), name, answers[name]) for name in names]
    _table(("family", *metrics.OUTCOMES, "hit rate", "hit ms", "miss ms", "answers"), rows)
    click.echo(f"\nRedis uses {memory['used_memory_human']} of {memory['maxmemory_human']}.")
    click.echo(f"Announcements waiting in the outbox: {outbox.depth()}.")
    for alert in checkup.alerts:
        if alert.firing:
            click.echo(f"ALERT {alert.name}: {alert.says} ({alert.value:.2f}, threshold {alert.threshold:.2f})")


def _stats_row(reads: metrics.Reads, name: str, answers: int) -> tuple[str, ...]:
    counts = (str(reads.count[outcome]) for outcome in metrics.OUTCOMES)
    rate = _UNKNOWN if reads.hit_rate is None else f"{reads.hit_rate:.0%}"
    times = (reads.mean_ms("hit"), reads.mean_ms("miss", "coalesced"))
    return (name, *counts, rate, *(_UNKNOWN if time is None else f"{time:.2f}" for time in times), str(answers))


@group.command("doctor", cls=DatabaseCommand)
def examine() -> None:
    """Check whether Redis is set up as the cache needs it, and say what to do.

    Exit code 1 if there is a problem.
    """
    findings = list(doctor.examine(_store(), Path(current_app.instance_path)))
    _table(("check", "state", "what to do"), [(finding.check, finding.level, finding.advice) for finding in findings])
    if any(finding.level == "problem" for finding in findings):
        sys.exit(1)


@group.command("drain", cls=DatabaseCommand)
def drain() -> None:
    """Announce to Redis the changes that it missed.

    The running server does that by itself.
    """
    try:
        announced = _store().lease.renew(wait=time.sleep)
    except RedisError as error:
        _unreachable(error)
    click.echo(f"Announced {announced} changes.")


@group.command("warm", cls=DatabaseCommand)
@click.option("--family", help="Only this family; `flask cache families` lists them.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=warming.LIMIT, show_default=True, metavar="N")
def warm(family: str | None, limit: int) -> None:
    """Read what people will ask for first, at most N reads for each strategy."""
    if family is not None:
        _declared(family)
    run = warming.Run(_store(), limit=limit, family=family)
    run.go()
    rows = [(row["name"], str(row["done"]), str(row["total"] or 0)) for row in run.progress["strategies"]]
    _table(("strategy", "done", "total"), rows)
    if run.progress["state"] != "done":
        raise click.ClickException("Redis failed, so the rest was not warmed.")


def _store() -> Store:
    store = current_store()
    if store is None:
        raise click.ClickException("Caching is turned off (CACHE_TYPE is NullCache).")
    return store


def _declared(name: str) -> list[Family]:
    """Return the reads of a family.

    An unknown name is a usage error that lists the known ones.
    """
    found = [family for family in cache.families if family.name == name]
    if not found:
        known = ", ".join(sorted({family.name for family in cache.families}))
        raise click.UsageError(f"There is no family {name}. There are: {known}.")
    return found


def _unreachable(error: RedisError) -> NoReturn:
    url = current_app.config["CACHE_REDIS_URL"].rpartition("@")[2]
    raise click.ClickException(f"Redis at {url} does not answer ({error}). Is the server running?") from None


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
