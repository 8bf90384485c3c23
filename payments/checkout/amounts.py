"""Amounts as the provider counts them: in the smallest unit that a currency has with it.

The lists are those of https://docs.stripe.com/currencies. Lectern counts hundredths of every currency.
"""

from __future__ import annotations

_WHOLE = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# These count hundredths, of which only whole hundreds are taken.
_ROUND = frozenset({"ISK", "UGX"})


def to_units(cents: int, currency: str) -> int | None:
    """Return an amount in the provider's units, or None if it cannot be paid exactly."""
    if currency in _THOUSANDTHS:
        return cents * 10
    if currency in _WHOLE | _ROUND and cents % 100:
        return None
    return cents // 100 if currency in _WHOLE else cents


def to_cents(units: int, currency: str) -> int:
    """Return in hundredths what the provider says."""
    if currency in _THOUSANDTHS:
        return units // 10
    return units * 100 if currency in _WHOLE else units
