"""How a change reaches the lists of features that the changed one must not know.

A name stands in lists of lessons, but `accounts` lies below `bookings` and must not import it. So the lower feature
owns a `FanOut`, the higher ones register a function with it when they are imported, and the change asks them all:

    names = FanOut()                                    accounts/fanouts.py

    @names.shown_by                                     bookings/queries.py
    def lists_that_show(session, user_id): ...

    touch(*names.tags(session, user_id))                accounts/service.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from caching.keys import Tag

# Given the write transaction and the id of what changes: the tags of everything that shows it.
Shows = Callable[[Session, int], Iterable[Tag]]


class FanOut:
    """One detail that is shown in several features."""

    def __init__(self) -> None:
        """Start with nobody showing it."""
        self._shown_by: list[Shows] = []

    def shown_by(self, function: Shows) -> Shows:
        """Register a function that names the tags of a feature's cached reads that show this detail."""
        self._shown_by.append(function)
        return function

    def tags(self, session: Session, changed_id: int) -> set[Tag]:
        """Collect the tags of everything that shows this detail of `changed_id`."""
        return {tag for function in self._shown_by for tag in function(session, changed_id)}
