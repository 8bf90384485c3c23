"""How words are compared: whatever their capitals, in every alphabet."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.names import fold

# As long as the shorter of the columns that hold a key. Folding can make a text longer, so a key is cut.
KEY_LENGTH = 80


def key_of(word: str) -> str:
    """Return the key of a category or a skill."""
    return fold(word)[:KEY_LENGTH]


def search_text(*texts: str) -> str:
    """Return what a search looks into.

    No word of it spans two texts.
    """
    return "\n".join(map(fold, texts))


def search_words(query: str) -> tuple[str, ...]:
    """Return the different words of a search, sorted."""
    return tuple(sorted(set(fold(query).split())))


def without_repeats(skills: Iterable[str]) -> list[str]:
    """Return skills in their order.

    Of those that differ in capitals only the first stays.
    """
    kept: dict[str, str] = {}
    for skill in skills:
        kept.setdefault(key_of(skill), skill)
    return list(kept.values())
