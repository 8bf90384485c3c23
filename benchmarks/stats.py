"""Make figures out of interleaved pairs.

What both sides of a pair have in common, such as a busy machine, cancels out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

PAIRS = 8


@dataclass(frozen=True)
class Ratio:
    """How many times as much one side did as the other: the median of all pairs, and their range."""

    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the middle one."""
        return median(self.ratios)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({min(self.ratios):.2f}–{max(self.ratios):.2f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Compare pairs."""
    return Ratio(tuple(mine / other for mine, other in zip(ours, theirs, strict=True)))


def interleaved(sides: Sequence[Callable[[], float]], pairs: int = PAIRS) -> list[list[float]]:
    """Measure all sides in turn, again and again, every other time in reverse.

    Return the figures of each side.
    """
    figures: list[list[float]] = [[] for _ in sides]
    for number in range(pairs):
        turn = list(range(len(sides)))
        for side in turn if number % 2 == 0 else reversed(turn):
            figures[side].append(sides[side]())
    return figures
