"""`flask cache …`: look at the cache of the running server, and clear it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup
from redis import RedisError

from caching import cache, maintenance, metrics, outbox
from caching.keys import TagKind
from caching.store import Store, current_store

group = AppGroup("cache", help="Look at the cache and clear it.")


@group.command("clear")
@click.option("--user", type=click.IntRange(1, 2**63 - 1), help="Only what belongs to the user with this id.")
@click.option("--family", help="Only this family; `flask cache families` lists them.")
@click.option("--all", "everything", is_flag=True, help="Everything, which is what happens without an option, too.")
def clear(user: int | None, family: str | None, everything: bool) -> None:
    """Forget cached answers; the next reader asks the database. Other programs' keys are not touched."""
    if sum([user is not None, family is not None, everything]) > 1:
        raise click.UsageError("Give only one of --user, --family and --all.")
    client = _store().backend.client
    try:
        if user is not None:
            tags, answers = maintenance.clear_user(client, user)
        elif family is not None:
            tags, answers = maintenance.clear_family(client, family, _tag_kinds(family))
        else:
            tags, answers = maintenance.clear_all(client)
    except RedisError as error:
        _unreachable(error)
    click.echo(f"Forgot {answers} answers and {tags} tags.")


@group.command("families")
def families() -> None:
    """List what is cached: family, life time in seconds, the tag that makes it old, and the query."""
    rows = [
        (family.name, str(family.ttl or current_app.config["CACHE_DEFAULT_TIMEOUT"]), tag_pattern, family.query)
        for family in cache.families
        for tag_pattern in [f"{family.tag.owner_kind}{':' + family.by if family.by else ''} {family.tag.name}"]
    ]
    _table(("family", "TTL s", "tag", "query"), rows)


@group.command("stats")
def stats() -> None:
    """Show hits and misses by family since the server's start, and what Redis holds."""
    store = _store()
    try:
        answers = maintenance.count_answers(store.backend.client)
        memory = store.backend.client.info("memory")
    except RedisError as error:
        _unreachable(error)
    reads = metrics.reads_by_family(metrics.registry(Path(current_app.instance_path)))
    names = sorted({family.name for family in cache.families} | set(reads))
    rows = [_stats_row(name, reads.get(name, {}), answers[name]) for name in names]
    _table(("family", *metrics.OUTCOMES, "hit rate", "answers"), rows)
    click.echo(f"\nRedis uses {memory['used_memory_human']} of {memory['maxmemory_human']}.")
    click.echo(f"Announcements waiting in the outbox: {outbox.depth()}.")


def _stats_row(name: str, reads: dict[str, int], answers: int) -> tuple[str, ...]:
    rate = metrics.hit_rate(reads)
    counts = (str(reads.get(outcome, 0)) for outcome in metrics.OUTCOMES)
    return (name, *counts, "–" if rate is None else f"{rate:.0%}", str(answers))


def _store() -> Store:
    store = current_store()
    if store is None:
        raise click.ClickException("Caching is turned off (CACHE_TYPE is NullCache).")
    return store


def _tag_kinds(name: str) -> list[TagKind]:
    kinds = [family.tag for family in cache.families if family.name == name]
    if not kinds:
        known = ", ".join(sorted({family.name for family in cache.families}))
        raise click.UsageError(f"There is no family {name}. There are: {known}.")
    return kinds


def _unreachable(error: RedisError) -> NoReturn:
    url = current_app.config["CACHE_REDIS_URL"].rpartition("@")[2]
    raise click.ClickException(f"Redis at {url} does not answer ({error}). Is the server running?") from None


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
