"""Check a small share of the hits against the database.

It happens after the answer went out, on a thread of its own. It counts only if the tag still has the token that the
hit was accepted with: then nobody has changed anything meanwhile, and a difference can only be a mistake of ours.
"""

from __future__ import annotations

import logging
import os
import queue
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from caching.envelope import Stamp
from caching.metrics import INCONSISTENCIES
from errors import Unavailable

logger = logging.getLogger(__name__)

# Hits that wait to be checked; what does not fit is let go, because this is a sample anyway.
WAITING = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer that was given, and what is needed to check it.

    That is the stamp it was accepted with, how to load it again, and how to see and remove the tag's token.
    """

    family: str
    stamp: Stamp
    body: bytes
    load: Callable[[], bytes]
    present_token: Callable[[], bytes | None]
    # Makes everything old that depends on the tag.
    remove: Callable[[], None]


class Auditor:
    """Check a share of one application's hits."""

    def __init__(self, app: Flask, share: float) -> None:
        """Check hits with probability `share`, from 0 to 1."""
        self._app = app
        self._share = share
        self._hits: queue.Queue[Hit] = queue.Queue(WAITING)
        self._lock = threading.Lock()
        self._pid: int | None = None

    def chooses(self) -> bool:
        """Decide whether to check this hit."""
        return self._share > 0 and random.random() < self._share  # noqa: S311 - a sample, not a secret

    def add(self, hit: Hit) -> None:
        """Check a hit soon, unless too many are waiting."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._work, name="cache-audit", daemon=True).start()
        try:
            self._hits.put_nowait(hit)
        except queue.Full:
            return

    def join(self) -> None:
        """Wait until every added hit has been checked."""
        self._hits.join()

    def _work(self) -> None:
        while True:
            hit = self._hits.get()
            try:
                with self._app.app_context():
                    check(hit)
            except Unavailable:
                logger.debug("A hit of family %s was not checked: there is no database.", hit.family)
            except Exception:
                logger.exception("A hit of family %s could not be checked.", hit.family)
            finally:
                self._hits.task_done()


def check(hit: Hit) -> bool:
    """Tell whether the database still gives the answer that was served.

    If not, count it and remove the tag's token.
    """
    body = hit.load()
    if body == hit.body or hit.present_token() != hit.stamp.token:
        return True
    hit.remove()
    INCONSISTENCIES.labels(hit.family).inc()
    logger.error("The cache served an old answer: family=%s key=%s", hit.family, hit.stamp.logical_key.decode())
    return False
