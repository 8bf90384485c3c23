"""References: short texts by which a transfer is found again.

Each booking has its own, which is made of its id. So it needs no table, and two bookings never have the same.
"""

from __future__ import annotations

# No vowels, so that no words come of it, and of characters that are taken for each other, as 5 and S, at most one.
ALPHABET = "3456789CDFGHJKMNPRTVWXY"
BASE = len(ALPHABET)
SHORTEST = 5
# It has no factor in common with BASE, which is a prime. So each id gets another code, and neighbours are not alike.
_SPREAD = 2_654_435_761


def reference_of(booking_id: int, earlier: int = 0) -> str:
    """Return what to write into a transfer for a booking, for example "C4K-9MR".

    A payee knows each reference once. So a booking for which payments were reported `earlier` gets the next one:
    "C4K-9MR-2".
    """
    length = SHORTEST
    while booking_id >= BASE**length:
        length += 1
    code = _digits(booking_id * _SPREAD % BASE**length, length)
    code += _check(code)
    written = f"{code[:3]}-{code[3:]}"
    return f"{written}-{earlier + 1}" if earlier else written


def _digits(number: int, length: int) -> str:
    found = ""
    for _ in range(length):
        number, digit = divmod(number, BASE)
        found = ALPHABET[digit] + found
    return found


def _check(code: str) -> str:
    """Return the character by which a mistyped reference is not that of another booking."""
    # As with the ISBN each place counts differently, so two neighbours that change places are noticed, too.
    total = sum(place * ALPHABET.index(character) for place, character in enumerate(code, start=1))
    return ALPHABET[total % BASE]
