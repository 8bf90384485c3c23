"""How a change reaches the lists of features that the changed one must not know.

A name stands in lists of lessons, but `accounts` lies below `bookings` and must not import it. So the lower feature
owns a `Dependents`, the higher ones register a function with it when they are imported, and the change asks them all:

    name_dependents = Dependents()                      accounts/dependents.py

    @name_dependents.add                                bookings/queries.py
    def lists_that_show(session, user_id): ...

    invalidate(*name_dependents.tags(session, user_id)) accounts/service.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from caching.keys import Tag

# Given the write transaction and the id of what changes: the tags of everything that shows it.
Shows = Callable[[Session, int], Iterable[Tag]]


class Dependents:
    """The features that show one detail of something below them."""

    def __init__(self) -> None:
        """Start with none."""
        self._functions: list[Shows] = []

    def add(self, function: Shows) -> Shows:
        """Register a function that names the tags of reads that show this detail."""
        self._functions.append(function)
        return function

    def tags(self, session: Session, changed_id: int) -> set[Tag]:
        """Collect the tags of everything that shows this detail of `changed_id`."""
        return {tag for function in self._functions for tag in function(session, changed_id)}
