"""Who acts, as far as the rules of all features care."""

from __future__ import annotations

from typing import Protocol


class Actor(Protocol):
    """A user who acts, as the rules see them."""

    @property
    def id(self) -> int: ...
    @property
    def role(self) -> str: ...
