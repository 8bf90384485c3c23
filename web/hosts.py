"""Which host names this installation answers to.

Under any other name a page of somebody else could read it in a visitor's browser, and would be written into addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from flask import Flask, Request

from config import ANY_HOST, Settings
from errors import UnknownHost

_HOSTS = "lectern-hosts"
# Load balancers ask for these by whatever address they reach.
_UNDER_ANY_NAME = frozenset({"/health", "/health/live", "/health/ready"})


class Hosts:
    """The names."""

    def __init__(self, names: Iterable[str]) -> None:
        """Know `names`.

        One that begins with a dot stands for all below it.
        """
        self._names = frozenset(names)
        self._below = tuple(name for name in self._names if name.startswith("."))

    def know(self, host: str) -> bool:
        """Tell whether `host`, as in the header of that name, is one of ours."""
        name = _without_port(host)
        return name in self._names or ANY_HOST in self._names or (bool(self._below) and name.endswith(self._below))

    def require_ours(self, asked: Request) -> None:
        """Raise UnknownHost if a request came under another name."""
        if asked.path not in _UNDER_ANY_NAME and not self.know(asked.host):
            raise UnknownHost


def init_app(app: Flask, settings: Settings) -> None:
    """Let `app` answer 400 under names that are not its own."""
    app.extensions[_HOSTS] = Hosts(settings.trusted_hosts)


def hosts_of(app: Flask) -> Hosts:
    """Return the names of an application."""
    return cast(Hosts, app.extensions[_HOSTS])


def _without_port(host: str) -> str:
    name = host.lower()
    return name[: name.find("]") + 1] if name.startswith("[") else name.partition(":")[0]
