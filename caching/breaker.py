"""The circuit breaker: stop using Redis after one failed command.

It is used again when a probe has succeeded and the outbox has been announced. While it is open every read goes to the
database. A helper thread tries again with growing, jittered pauses; it closes the breaker only when `recover` has
succeeded: the server answers *and* every committed change has been announced to it. So a process that lost an
announcement never trusts what others cached meanwhile.
"""

from __future__ import annotations

import logging
import os
import random
import threading
from collections.abc import Callable

from caching.metrics import OPEN_BREAKERS
from errors import Unavailable

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.4


class Breaker:
    """Remember whether Redis can be trusted.

    Safe across threads, and a forked child starts its own helper.
    """

    def __init__(self, recover: Callable[[], None], *, failure: type[Exception]) -> None:
        """Watch a server.

        `recover` raises `failure` as long as it cannot be trusted.
        """
        self._recover = recover
        self._failure = failure
        self._lock = threading.Lock()
        self._healthy = threading.Event()
        self._healthy.set()
        self._helper_pid: int | None = None
        self._helper: threading.Thread | None = None
        self._retired = threading.Event()
        self._failures = 0
        self.reason = ""

    @property
    def closed(self) -> bool:
        """Tell whether Redis may be used."""
        if self._healthy.is_set():
            return True
        if self._helper_pid != os.getpid():
            with self._lock:
                self._need_helper()
        return False

    def trip(self, error: Exception) -> None:
        """Open the breaker because of `error`.

        Log only the change of state.
        """
        with self._lock:
            self._failures += 1
            if self._healthy.is_set():
                self.reason = f"{type(error).__name__}: {error}"
                logger.warning("Redis failed; the database answers until it is back. %s", self.reason)
                self._healthy.clear()
                OPEN_BREAKERS.set(1)
            self._need_helper()

    def wait_until_closed(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds.

        Tell whether the breaker is closed.
        """
        return self._healthy.wait(timeout)

    def rest(self, seconds: float) -> bool:
        """Wait so long.

        Tell whether this breaker has been retired meanwhile.
        """
        return self._retired.wait(seconds)

    def retire(self) -> None:
        """Stop looking after the server, because nobody will use it from here any more.

        Wait for the helper's end.
        """
        self._retired.set()
        if self._helper is not None:
            self._helper.join(5)

    def _need_helper(self) -> None:
        """Start this process's helper, unless it is at work.

        A forked child has inherited none that runs.
        """
        if self._helper_pid != os.getpid() and not self._healthy.is_set():
            self._helper_pid = os.getpid()
            self._helper = threading.Thread(target=self._heal, name="redis-healer", daemon=True)
            self._helper.start()

    def _heal(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._retired.wait(pause * random.uniform(0.5, 1.0)):  # noqa: S311 - jitter, not a secret
            if self._try_to_close():
                return
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _try_to_close(self) -> bool:
        failures = self._failures
        try:
            self._recover()
        except (self._failure, Unavailable) as error:
            # That the database is away says its own line in the log.
            self.reason = f"{type(error).__name__}: {error}"
            return False
        except Exception as error:
            # The helper must outlive what nobody expected.
            reason = f"{type(error).__name__}: {error}"
            if reason != self.reason:
                self.reason = reason
                logger.exception("Redis answers, but what it missed could not be brought to it yet.")
            return False
        with self._lock:
            if self._failures != failures:
                # An announcement failed meanwhile, perhaps after `recover` had looked for what waits.
                return False
            self._helper_pid = None
            self.reason = ""
            self._healthy.set()
            OPEN_BREAKERS.set(0)
        logger.warning("Redis is back; the cache is in use again.")
        return True
