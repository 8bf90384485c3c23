"""Look at reads in Redis.

Their tags' tokens are always asked for, answers only where this process keeps none itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import cast

from caching.envelope import Snapshot, Stamp, open_sealed
from caching.families import BoundRead
from caching.kept_answers import KeptAnswers
from caching.tokens import TokenServer


def look(reads: Sequence[BoundRead], epoch: str, server: TokenServer, kept: KeptAnswers) -> list[Snapshot] | None:
    """Ask for all tokens, and for the answers that are not kept, in one round trip.

    It is None if Redis may have a newer answer than one that was kept. That one is kept no longer, so another look asks
    for the newer one. Raises RedisError.
    """
    now = time.time()
    own: list[Snapshot | None] = []
    tokens: list[bytes | None] = []
    keys: list[str] = []
    values: list[str] = []
    for read in reads:
        seen = kept.get(read.logical_key, epoch, now)
        own.append(seen)
        keys.append(read.keys[0])
        if seen is None:
            values.append(read.keys[1])
        else:
            tokens.append(seen.token)
    found = server.read_many(keys + values)
    if found == tokens:
        # All answers are kept, and all of them count.
        return cast("list[Snapshot]", own)
    return _judge(reads, own, epoch, found, kept)


def _judge(
    reads: Sequence[BoundRead],
    own: Sequence[Snapshot | None],
    epoch: str,
    found: Sequence[bytes | None],
    kept: KeptAnswers,
) -> list[Snapshot] | None:
    """Find out of each read whether its answer counts: what is kept of it, or what Redis has."""
    values = iter(found[len(reads) :])
    seen = [
        _open(read, Snapshot(epoch, token, None), next(values), kept)
        if before is None
        else _compare(read, before, token, kept)
        for read, before, token in zip(reads, own, found, strict=False)
    ]
    return None if None in seen else cast("list[Snapshot]", seen)


def _open(read: BoundRead, seen: Snapshot, value: bytes | None, kept: KeptAnswers) -> Snapshot:
    """Take an answer out of its envelope if it has the tag's present token, and keep it."""
    if value is None or seen.under_change:
        return seen
    opened = open_sealed(Stamp(seen.epoch, seen.token, read.logical_key), value) if seen.token else None
    if opened is None:
        return seen._replace(outdated=True)
    seen = seen._replace(answer=opened.answer)
    kept.keep(read.logical_key, seen, opened.expires)
    return seen


def _compare(read: BoundRead, before: Snapshot, token: bytes | None, kept: KeptAnswers) -> Snapshot | None:
    """Take the answer that is kept if its tag still has the token that it was accepted with."""
    if token == before.token:
        return before
    seen = Snapshot(before.epoch, token, None, outdated=token is None)
    if seen.under_change:
        return seen
    kept.forget(read.logical_key)
    return seen if token is None else None
