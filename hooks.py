"""Functions that a lower feature calls and a higher one supplies, so that imports only go down.

`app.py` connects them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Hook(Generic[P, R]):
    """A place for one function."""

    def __init__(self) -> None:
        """Begin without a function."""
        self._function: Callable[P, R] | None = None

    def supply(self, function: Callable[P, R]) -> None:
        """Call this function from now on."""
        self._function = function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function that was supplied.

        Raises LookupError if there is none.
        """
        if self._function is None:
            raise LookupError("No feature has supplied this function.")
        return self._function(*args, **kwargs)
