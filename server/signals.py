"""What the supervisor is told by signals: to stop, or to replace its processes."""

from __future__ import annotations

import signal
from typing import NoReturn

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Not SIGHUP: a terminal that is closed sends that, and then nothing is to go on.
RELOAD_SIGNAL = signal.SIGUSR2


class Stopped(KeyboardInterrupt):
    """The first signal that says to stop, wherever this process is."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Signals:
    """The signals of one run."""

    def __init__(self) -> None:
        self._reload_wanted = False

    def listen(self) -> None:
        """Let the first of the usual signals interrupt whatever this process is doing."""
        for number in STOP_SIGNALS:
            # `nohup` asks its program to live on when the terminal is closed.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _interrupt)
        signal.signal(RELOAD_SIGNAL, self._want_reload)

    def take_reload(self) -> bool:
        """Tell whether a reload was asked for since the last call."""
        wanted, self._reload_wanted = self._reload_wanted, False
        return wanted

    def _want_reload(self, _number: int, _frame: object) -> None:
        self._reload_wanted = True


def _interrupt(number: int, _frame: object) -> NoReturn:
    # Stopping takes a bounded time, and a second Ctrl-C must not leave it half done.
    for other in STOP_SIGNALS:
        signal.signal(other, lambda _number, _frame: None)
    raise Stopped(number)
