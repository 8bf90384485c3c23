"""Where higher features say which of their lists show a person's name, so that a rename reaches them all.

A feature below must not import one above; instead the one above registers a function here when it is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from caching import Tag

# Given the write transaction and a person's id: the tags of everything that shows this person's name.
ShowsName = Callable[[Session, int], Iterable[Tag]]

_shows_name: list[ShowsName] = []


def shows_name(function: ShowsName) -> ShowsName:
    """Register a function that names the tags of a feature's lists that show somebody's name or rating."""
    _shows_name.append(function)
    return function


def tags_showing(session: Session, user_id: int) -> set[Tag]:
    """Collect the tags of everything that shows this person's name."""
    return {tag for function in _shows_name for tag in function(session, user_id)}
