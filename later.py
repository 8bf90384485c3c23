"""Import a module when something of it is first used.

Some libraries take tens of megabytes in each process, and few requests need them: printing, pictures, asking another
server. They are declared at the top of a module like any import, and typed like one:

    if TYPE_CHECKING:
        import requests
    else:
        requests = Later("requests")
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """A module that is imported, once and for all threads, when something of it is first used."""

    def __init__(self, name: str) -> None:
        """Name the module."""
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """Return what the module has under this name."""
        return getattr(import_module(self._name), attribute)
