"""Numbers of bank accounts: what is one, and how people read it."""

from __future__ import annotations

import re

# Country, two digits of the checksum, and the account in the country's own form.
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)


def compact(typed: str) -> str:
    """Return a number without its blanks, in capitals."""
    return re.sub(r"\s", "", typed).upper()


def is_iban(number: str) -> bool:
    """Tell whether this has the form of an IBAN, and its checksum (ISO 7064, modulo 97)."""
    if not _IBAN.fullmatch(number):
        return False
    digits = "".join(str(int(character, 36)) for character in number[4:] + number[:4])
    return int(digits) % 97 == 1


def is_bic(code: str) -> bool:
    """Tell whether this has the form of a BIC."""
    return _BIC.fullmatch(code) is not None


def grouped(iban: str) -> str:
    """Write an IBAN as it is printed, in groups of four."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
