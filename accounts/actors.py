"""Who acts, as far as the rules of all features care."""

from __future__ import annotations

from typing import Protocol


class Actor(Protocol):
    """Somebody who acts: a signed-in viewer, an account, or anything else with an id and a role."""

    @property
    def id(self) -> int: ...
    @property
    def role(self) -> str: ...
