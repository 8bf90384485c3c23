"""Put reports together from several cached reads.

They become old for several reasons, and each read has one tag.
"""

from __future__ import annotations

from collections.abc import Sequence

from caching import Answer
from caching.envelope import digest
from jsontext import JsonObject, dumps


def together(facts: JsonObject, parts: Sequence[Answer]) -> Answer:
    """Make one answer of several, which is a hit if all of them are."""
    body, states = dumps(facts), {part.state for part in parts}
    return Answer(body, digest(body), next((state for state in ("BYPASS", "MISS") if state in states), "HIT"))
